;; A table of functions that the module itself fills, by ref.func and table.set.
(module
  (type $probe (func (result i32)))
  (table 1 funcref)
  (elem declare func $answer)
  (func $answer (type $probe) (i32.const 42))
  (func (export "probe") (result i32)
    (table.set 0 (i32.const 0) (ref.func $answer))
    (call_indirect 0 (type $probe) (i32.const 0))))
