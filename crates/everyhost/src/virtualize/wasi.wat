;; Functions of WASI preview 1 that give the same answers each time. The errno of each: 0 success, 8 EBADF.
(global $stdout_len (mut i32) (i32.const 0))
(global $stderr_len (mut i32) (i32.const 0))
(global $exit_code (mut i32) (i32.const -1))
(global $now (mut i64) (i64.const 1000000000000000000)) ;; nanoseconds: 2001-09-09T01:46:40Z
(global $random (mut i64) (i64.const 0x9e3779b97f4a7c15))

(func (export "everyhost_exit_code") (result i32) (global.get $exit_code))
(func (export "everyhost_stdout_len") (result i32) (global.get $stdout_len))
(func (export "everyhost_stderr_len") (result i32) (global.get $stderr_len))
(func (export "everyhost_stdout") (param $at i32) (result i32)
  (call $byte_get (global.get $stdout) (global.get $stdout_len) (local.get $at)))
(func (export "everyhost_stderr") (param $at i32) (result i32)
  (call $byte_get (global.get $stderr) (global.get $stderr_len) (local.get $at)))

(func $proc_exit (param $code i32)
  (global.set $exit_code (local.get $code))
  (unreachable))

(func $sched_yield (result i32) (i32.const 0))

(func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)
  (local $ptr i32) (local $len i32) (local $sum i32)
  (if (i32.gt_u (i32.sub (local.get $fd) (i32.const 1)) (i32.const 1)) (then (return (i32.const 8))))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $count)))
      (local.set $ptr (i32.load (local.get $iovs)))
      (local.set $len (i32.load offset=4 (local.get $iovs)))
      (if (i32.eq (local.get $fd) (i32.const 1))
        (then (global.set $stdout_len (call $keep (global.get $stdout) (global.get $stdout_len) (local.get $ptr) (local.get $len))))
        (else (global.set $stderr_len (call $keep (global.get $stderr) (global.get $stderr_len) (local.get $ptr) (local.get $len)))))
      (local.set $sum (i32.add (local.get $sum) (local.get $len)))
      (local.set $iovs (i32.add (local.get $iovs) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next)))
  (i32.store (local.get $written) (local.get $sum))
  (i32.const 0))

;; The end of stdin.
(func $fd_read (param $fd i32) (param $iovs i32) (param $count i32) (param $read i32) (result i32)
  (if (local.get $fd) (then (return (i32.const 8))))
  (i32.store (local.get $read) (i32.const 0))
  (i32.const 0))

(func $fd_prestat_get (param $fd i32) (param $to i32) (result i32) (i32.const 8))

;; A character device that may be read and written.
(func $fd_fdstat_get (param $fd i32) (param $to i32) (result i32)
  (if (i32.gt_u (local.get $fd) (i32.const 2)) (then (return (i32.const 8))))
  (i64.store (local.get $to) (i64.const 2))
  (i64.store offset=8 (local.get $to) (i64.const 0x42))
  (i64.store offset=16 (local.get $to) (i64.const 0))
  (i32.const 0))

;; A millisecond passes with each look.
(func $clock_time_get (param $clock i32) (param $precision i64) (param $to i32) (result i32)
  (i64.store (local.get $to) (global.get $now))
  (global.set $now (i64.add (global.get $now) (i64.const 1000000)))
  (i32.const 0))

(func $clock_res_get (param $clock i32) (param $to i32) (result i32)
  (i64.store (local.get $to) (i64.const 1000000))
  (i32.const 0))

;; xorshift64*.
(func $random_get (param $to i32) (param $len i32) (result i32)
  (local $x i64)
  (local.set $x (global.get $random))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $len)))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 12))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 25))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 27))))
      (i64.store8 (local.get $to) (i64.shr_u (i64.mul (local.get $x) (i64.const 0x2545f4914f6cdd1d)) (i64.const 56)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $len (i32.sub (local.get $len) (i32.const 1)))
      (br $next)))
  (global.set $random (local.get $x))
  (i32.const 0))
