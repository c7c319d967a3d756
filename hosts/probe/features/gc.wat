;; A struct that the host collects.
(module
  (type $pair (struct (field i32) (field i32)))
  (func (export "probe") (result i32)
    (struct.get $pair 1 (struct.new $pair (i32.const 1) (i32.const 42)))))
