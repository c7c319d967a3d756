;; Two memories in one module.
(module
  (memory $a 1)
  (memory $b 1)
  (func (export "probe") (result i32)
    (i32.store $a (i32.const 0) (i32.const 1))
    (i32.store $b (i32.const 0) (i32.const 42))
    (i32.load $b (i32.const 0))))
