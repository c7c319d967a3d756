;; Every kind of control flow, each as a function of one i32.
(module
  (memory 1 3)
  (table 4 funcref)
  (elem (i32.const 0) $double $square)
  (type $unary (func (param i32) (result i32)))
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))

  (func (export "switch") (param i32) (result i32)
    (block $default (result i32)
      (block $two
        (block $one
          (block $zero
            (br_table $zero $one $two $two (local.get 0)))
          (return (i32.const 10)))
        (br $default (i32.const 11)))
      (i32.const 12)))

  (func (export "indirect") (param i32) (result i32)
    (call_indirect (type $unary) (i32.const 9) (local.get 0)))

  ;; A loop that takes parameters: a sum and a count.
  (func (export "loop") (param i32) (result i32)
    (i32.const 5) (i32.and (local.get 0) (i32.const 15))
    (loop $again (param i32 i32) (result i32)
      (local.set 0)
      (i32.add (local.get 0))
      (if (param i32) (result i32) (local.get 0)
        (then (i32.sub (local.get 0) (i32.const 1)) (br $again))
        (else))))

  ;; A block of two results, and operands below them that a branch drops.
  (func (export "swap") (param i32) (result i32)
    (block $out (result i32 i32)
      (i32.const 1) (i32.const 2) (i32.const 3)
      (br_if $out (local.get 0))
      (drop) (drop) (drop)
      (i32.const 7) (i32.const 8))
    (i32.sub))

  (func (export "early") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (if (i32.gt_u (local.get 0) (i32.const 50)) (then (unreachable)))
    (if (result i32) (i32.and (local.get 0) (i32.const 1))
      (then (i32.const 3))
      (else (local.tee 0 (i32.const 4)) (drop) (local.get 0))))

  (func (export "bulk") (param i32) (result i32)
    (memory.fill (i32.const 100) (local.get 0) (i32.const 9))
    (memory.copy (i32.const 103) (i32.const 96) (i32.const 8))
    (memory.copy (i32.const 65000) (i32.const 0) (local.get 0))
    (i32.load (i32.const 106)))

  (global $grown (mut i32) (i32.const 0))
  (func (export "grow") (param i32) (result i32)
    (global.set $grown (i32.add (global.get $grown) (memory.grow (local.get 0))))
    (i32.add (global.get $grown) (memory.size)))

  (func $recurse (export "recurse") (param i32) (result i32)
    (if (i32.gt_u (local.get 0) (i32.const 100)) (then (return (i32.const 0))))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
    (i32.add (local.get 0) (call $recurse (i32.sub (local.get 0) (i32.const 1))))))
