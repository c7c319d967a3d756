;; A buffer is 512 cells from $base on, for 4096 bytes. What comes beyond is counted and not kept.

(func $byte_put (param $base i32) (param $at i32) (param $byte i32)
  (local $cell i32)
  (local.set $cell (i32.add (local.get $base) (i32.shr_u (local.get $at) (i32.const 3))))
  (call $cell_set (local.get $cell)
    (i64.or (call $cell_get (local.get $cell))
      (i64.shl (i64.extend_i32_u (local.get $byte)) (i64.extend_i32_u (i32.shl (local.get $at) (i32.const 3)))))))

;; -1 if it was not kept.
(func $byte_get (param $base i32) (param $len i32) (param $at i32) (result i32)
  (if (i32.or (i32.ge_u (local.get $at) (local.get $len)) (i32.ge_u (local.get $at) (i32.const 4096)))
    (then (return (i32.const -1))))
  (i32.and (i32.const 255)
    (i32.wrap_i64
      (i64.shr_u (call $cell_get (i32.add (local.get $base) (i32.shr_u (local.get $at) (i32.const 3))))
        (i64.extend_i32_u (i32.shl (local.get $at) (i32.const 3)))))))

;; Keeps the bytes at $ptr behind the $have that came before. Returns how many came by now, at most 2^32 - 1.
(func $keep (param $base i32) (param $have i32) (param $ptr i32) (param $len i32) (result i32)
  (local $total i32)
  (local.set $total (i32.add (local.get $have) (local.get $len)))
  (if (i32.lt_u (local.get $total) (local.get $have)) (then (local.set $total (i32.const -1))))
  (block $done
    (loop $next
      (br_if $done (i32.or (i32.ge_u (local.get $have) (local.get $total)) (i32.ge_u (local.get $have) (i32.const 4096))))
      (call $byte_put (local.get $base) (local.get $have) (i32.load8_u (local.get $ptr)))
      (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
      (local.set $have (i32.add (local.get $have) (i32.const 1)))
      (br $next)))
  (local.get $total))

(func $in_bounds (param $ptr i32) (param $len i32) (result i32)
  (i64.le_u (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $len)))
    (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
