;; ANCHOR: all
(module
  (func (export "add") (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add)
  (func (export "same_i64") (param i64) (result i64) local.get 0)
  (func (export "same_f32") (param f32) (result f32) local.get 0)
  (func (export "same_f64") (param f64) (result f64) local.get 0)
)
;; ANCHOR_END: all
