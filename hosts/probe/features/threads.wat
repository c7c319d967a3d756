;; A shared memory and an atomic addition: what threads are made of.
(module
  (memory 1 1 shared)
  (func (export "probe") (result i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 42)))
    (i32.atomic.load (i32.const 0))))
