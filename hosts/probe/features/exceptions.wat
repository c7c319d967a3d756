;; throw, caught by try_table.
(module
  (tag $refused (param i32))
  (func (export "probe") (result i32)
    (block $caught (result i32)
      (try_table (catch $refused $caught) (throw $refused (i32.const 42)))
      (i32.const 0))))
