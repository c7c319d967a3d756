;; i64.mul_wide_u: a product of 128 bits, of which the upper half is returned.
(module (func (export "probe") (result i32) (local $high i64)
  (i64.mul_wide_u (i64.const -1) (i64.const 43))
  (local.set $high)
  (drop)
  (i32.wrap_i64 (local.get $high))))
