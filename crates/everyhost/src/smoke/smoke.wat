;; What `everyhost smoke` gives to an adapter, as a file: small, without imports, within Wasm 1.0, so that every host
;; can load it. It has the adder's two exports, so that an adapter with a wrapper for them is asked about that too.
(module
  (memory (export "memory") 80)
  (func (export "add_numbers") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "divide_numbers") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "nothing"))
  (func (export "trap") (unreachable))
  (func $recurse (export "recurse") (param i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get 0) (i32.const 1)))))
  ;; Four names: none, U+0000, U+FEFF and one that C reads otherwise.
  (func (export "") (result i32) (i32.const 1))
  (func (export "\00") (result i32) (i32.const 2))
  (func (export "\ef\bb\bf") (result i32) (i32.const 3))
  (func (export "*/ \22 \0a") (result i32) (i32.const 4))
  ;; Values go through as they are.
  (func (export "same_i64") (param i64) (result i64) (local.get 0))
  (func (export "same_f32") (param f32) (result f32) (local.get 0))
  (func (export "same_f64") (param f64) (result f64) (local.get 0)))
