;; `halve` traps if there is a remainder.
(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))
    (func (export "halve") (param i32) (result i32)
      (if (i32.and (local.get 0) (i32.const 1)) (then unreachable))
      (i32.shr_u (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "halve") (param "n" u32) (result u32) (canon lift (core func $i "halve"))))
