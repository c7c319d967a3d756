;; What a signer looks like on a host where it signs its known answer wrongly: it refuses every key with status 8,
;; SELF_TEST_FAILED.
(module
  (memory (export "memory") 1)
  (func (export "abi_version") (result i32) i32.const 1)
  (func (export "max_message_len") (result i32) i32.const 16777216)
  (func (export "get_signing_key_ptr") (result i32) i32.const 64)
  (func (export "get_signature_ptr") (result i32) i32.const 128)
  (func (export "get_public_key_ptr") (result i32) i32.const 192)
  (func (export "load_key") (result i32) i32.const 8)
  (func (export "sign_loaded") (result i32) i32.const 8)
  (func (export "sign_batch") (result i32) i32.const 8)
  (func (export "allocate_batch") (param i32 i32) (result i32) i32.const 1024)
  (func (export "get_batch_signatures_ptr") (result i32) i32.const 2048)
  (func (export "wipe")))
