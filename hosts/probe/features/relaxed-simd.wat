;; i8x16.relaxed_swizzle, with indices for which its answer is the same everywhere.
(module (func (export "probe") (result i32)
  (i8x16.extract_lane_u 0 (i8x16.relaxed_swizzle
    (v128.const i8x16 9 8 7 6 5 4 3 2 1 0 1 2 3 4 5 6)
    (v128.const i8x16 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))))
