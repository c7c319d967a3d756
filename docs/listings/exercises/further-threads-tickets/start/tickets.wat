;; ANCHOR: all
(module
  (import "env" "memory" (memory 1 1 shared))
  ;; The next ticket, or -1 if `limit` of them are gone. The number of tickets taken is at address 0.
  (func (export "take") (param $limit i32) (result i32) (local $taken i32)
    (local.set $taken (i32.atomic.load (i32.const 0)))
    (if (i32.ge_u (local.get $taken) (local.get $limit)) (then (return (i32.const -1))))
    (i32.atomic.store (i32.const 0) (i32.add (local.get $taken) (i32.const 1)))
    (local.get $taken)))
;; ANCHOR_END: all
