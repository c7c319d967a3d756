(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "calls") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  (func (export "count") (param $to i32) (result i32) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $to))))
    (local.get $i))
  (func (export "spin") (loop $again (br $again)))
  (func (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages))))
