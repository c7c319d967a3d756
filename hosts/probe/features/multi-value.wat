;; A function with two results.
(module
  (func $two (result i32 i32) (i32.const 40) (i32.const 2))
  (func (export "probe") (result i32) (i32.add (call $two))))
