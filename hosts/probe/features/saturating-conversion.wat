;; i32.trunc_sat_f64_s: what is too large becomes the largest, and does not trap.
(module (func (export "probe") (result i32) (i32.trunc_sat_f64_s (f64.const 1e300))))
