;; return_call: a million calls deep, on one frame.
(module
  (func $down (param $left i32) (param $sum i32) (result i32)
    (if (result i32) (i32.eqz (local.get $left))
      (then (local.get $sum))
      (else (return_call $down (i32.sub (local.get $left) (i32.const 1)) (i32.add (local.get $sum) (i32.const 2))))))
  (func (export "probe") (result i32) (call $down (i32.const 1000000) (i32.const 0))))
