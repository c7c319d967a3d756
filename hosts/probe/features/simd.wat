;; v128: four sums at once, of which the last is read.
(module (func (export "probe") (result i32)
  (i32x4.extract_lane 3 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 10 20 30 40)))))
