;; ANCHOR: all
(module
  (memory (export "memory") 1)

  ;; Never returns.
  (func (export "spin") (loop $again (br $again)))

  ;; Takes memory until there is no more, and says how many pages it has.
  (func (export "eat") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))

  ;; Calls itself, as often as you like.
  (func $deep (export "deep") (param $times i32) (result i32)
    (if (result i32) (local.get $times)
      (then (i32.add (call $deep (i32.sub (local.get $times) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))

  ;; Reads at any address.
  (func (export "peek") (param $address i32) (result i32) (i32.load (local.get $address))))
;; ANCHOR_END: all
