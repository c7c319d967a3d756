;; The first 64 calls of imports: of each the import, then its arguments, in $stride cells.
(global $calls (mut i32) (i32.const 0))

;; Where the arguments of this call go; -1 if no more calls are kept.
(func $log (param $import i32) (result i32)
  (local $at i32)
  (local.set $at (global.get $calls))
  (global.set $calls (i32.add (local.get $at) (i32.const 1)))
  (if (i32.ge_u (local.get $at) (i32.const 64)) (then (return (i32.const -1))))
  (local.set $at (i32.mul (local.get $at) (global.get $stride)))
  (call $cell_set (local.get $at) (i64.extend_i32_u (local.get $import)))
  (i32.add (local.get $at) (i32.const 1)))

(func $is_kept (param $n i32) (result i32)
  (i32.and (i32.lt_u (local.get $n) (global.get $calls)) (i32.lt_u (local.get $n) (i32.const 64))))

(func (export "everyhost_calls") (result i32) (global.get $calls))

(func (export "everyhost_call") (param $n i32) (result i32)
  (if (i32.eqz (call $is_kept (local.get $n))) (then (return (i32.const -1))))
  (i32.wrap_i64 (call $cell_get (i32.mul (local.get $n) (global.get $stride)))))

(func (export "everyhost_call_arg") (param $n i32) (param $k i32) (result i64)
  (local.set $k (i32.add (local.get $k) (i32.const 1)))
  (if (i32.eqz (i32.and (call $is_kept (local.get $n)) (i32.lt_u (i32.sub (local.get $k) (i32.const 1)) (i32.sub (global.get $stride) (i32.const 1)))))
    (then (return (i64.const 0))))
  (call $cell_get (i32.add (i32.mul (local.get $n) (global.get $stride)) (local.get $k))))
