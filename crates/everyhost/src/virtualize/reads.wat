;; What the `read` steps of declared imports read, one after the other.
(global $read_len (mut i32) (i32.const 0))

(func $read (param $ptr i32) (param $len i32)
  (if (call $in_bounds (local.get $ptr) (local.get $len))
    (then (global.set $read_len (call $keep (global.get $reads) (global.get $read_len) (local.get $ptr) (local.get $len))))))

(func (export "everyhost_read_len") (result i32) (global.get $read_len))

(func (export "everyhost_read") (param $at i32) (result i32)
  (call $byte_get (global.get $reads) (global.get $read_len) (local.get $at)))
