;; What a signer with a cap cannot show: pointers above 2 GiB, growth to any size, traps of every kind, calls that
;; never end, and values whose bits must come through a host unchanged. vectors/probe.json asks it.
(module
  (memory (export "memory") 1 65536)
  (type $none (func))
  (type $to_i32 (func (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $nothing)

  ;; The number of pages before, or -1 where memory cannot grow by so many.
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  (func (export "store") (param $ptr i32) (param $value i32) (i32.store (local.get $ptr) (local.get $value)))
  (func (export "load") (param $ptr i32) (result i32) (i32.load (local.get $ptr)))

  ;; Never returns: only a host with fuel, an epoch or a deadline gets out of it.
  (func (export "spin") (loop $again (br $again)))
  ;; Adds up to `count`, one at a time: a call that takes as long as one wants.
  (func (export "count") (param $count i32) (result i32) (local $at i32)
    (loop $again
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $at) (local.get $count))))
    (local.get $at))

  ;; One trap each.
  (func $nothing)
  (func (export "trap_unreachable") (unreachable))
  (func (export "trap_divide") (param $a i32) (param $b i32) (result i32) (i32.div_s (local.get $a) (local.get $b)))
  (func (export "trap_convert") (param $number f64) (result i32) (i32.trunc_f64_s (local.get $number)))
  (func (export "trap_table") (param $index i32) (result i32) (call_indirect (type $to_i32) (local.get $index)))
  (func $recurse (export "recurse") (param $depth i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get $depth) (i32.const 1)))))

  ;; What goes in comes out, bit for bit.
  (func (export "same_i32") (param i32) (result i32) (local.get 0))
  (func (export "same_i64") (param i64) (result i64) (local.get 0))
  (func (export "same_f32") (param f32) (result f32) (local.get 0))
  (func (export "same_f64") (param f64) (result f64) (local.get 0))
  (func (export "swap") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
)
