;; ANCHOR: all
(module
  (func (export "divide") (param i32 i32) (result i32 i32)
    (i32.div_u (local.get 0) (local.get 1))
    (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "same") (param externref) (result externref)
    local.get 0))
;; ANCHOR_END: all
