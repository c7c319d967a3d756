;; i32.extend8_s: 0x80 is -128.
(module (func (export "probe") (result i32) (i32.extend8_s (i32.const 0x80))))
