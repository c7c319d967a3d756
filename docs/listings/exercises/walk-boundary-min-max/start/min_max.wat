;; ANCHOR: all
(module
  ;; The smaller of two numbers, then the larger one.
  (func (export "min_max") (param $a i32) (param $b i32) (result i32 i32)
    (select (local.get $a) (local.get $b) (i32.lt_u (local.get $a) (local.get $b)))
    (select (local.get $b) (local.get $a) (i32.lt_u (local.get $a) (local.get $b)))))
;; ANCHOR_END: all
