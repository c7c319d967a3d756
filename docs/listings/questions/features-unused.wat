;; ANCHOR: shown
(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "never_called") (result i64) (i64.load (i64.const 0)))
  (memory i64 1))
;; ANCHOR_END: shown
