//! A leak of each family is planted, and found where it stands; the same without the leak is clean.

use leak_check::{Finding, Machine, Module, Value};

/// Each takes a secret and a public number: its name, what is found, and its body.
const LEAKS: &str = "\
if; branch; (if (local.get 0) (then (global.set 0 (i32.const 1)))) (i32.const 0)
br_if; branch; (block (br_if 0 (i32.and (local.get 0) (i32.const 4)))) (i32.const 0)
select; select; (select (local.get 1) (i32.const 3) (i32.lt_u (local.get 0) (i32.const 9)))
select of vectors; select; (i32x4.extract_lane 0 (select (v128.const i32x4 0 0 0 0) (i32x4.splat (local.get 1)) (local.get 0)))
br_table; table-index; (block (block (br_table 0 1 (local.get 0)))) (i32.const 0)
call_indirect; table-index; (call_indirect (type 0) (local.get 1) (local.get 1) (i32.and (local.get 0) (i32.const 3)))
load; load-address; (i32.load8_u (i32.and (local.get 0) (i32.const 255)))
a load of a vector; load-address; (i32x4.extract_lane 0 (v128.load (i32.and (local.get 0) (i32.const 255))))
store; store-address; (i32.store (i32.and (local.get 0) (i32.const 255)) (i32.const 1)) (i32.const 0)
div_u; division; (i32.div_u (local.get 0) (i32.const 10))
rem_s by a secret; division; (i32.rem_s (local.get 1) (i32.or (local.get 0) (i32.const 1)))
f64.div; division; (i32.trunc_sat_f64_s (f64.div (f64.convert_i32_u (local.get 0)) (f64.const 3)))
f64x2.sqrt; division; (i32x4.extract_lane 0 (f64x2.sqrt (f64x2.convert_low_i32x4_u (i32x4.splat (local.get 0)))))
memory.copy of a secret length; bulk-memory; (memory.copy (i32.const 0) (i32.const 512) (i32.and (local.get 0) (i32.const 255))) (i32.const 0)
memory.fill at a secret address; bulk-memory; (memory.fill (i32.and (local.get 0) (i32.const 255)) (i32.const 0) (i32.const 4)) (i32.const 0)
memory.grow; bulk-memory; (memory.grow (i32.and (local.get 0) (i32.const 1)))
trunc; trapping-conversion; (i32.trunc_f64_s (f64.convert_i32_s (local.get 0)))
a branch on what went through memory; branch; (i64.store (i32.const 64) (i64.extend_i32_u (local.get 0))) (if (i32.load8_u (i32.const 65)) (then)) (i32.const 0)
a branch on what went through a vector and a global; branch; (global.set 0 (i8x16.extract_lane_u 5 (i8x16.shuffle 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 (i32x4.splat (local.get 0)) (v128.const i32x4 0 0 0 0)))) (if (global.get 0) (then)) (i32.const 0)
";

/// Uses of a secret that leak nothing.
const CLEAN: &str = "\
a masked choice; (i32.xor (local.get 1) (i32.and (i32.sub (i32.const 0) (i32.and (local.get 0) (i32.const 1))) (i32.const 77)))
a branch on the public bits; (if (i32.and (i32.or (local.get 0) (i32.const 8)) (i32.const 8)) (then)) (i32.const 0)
a branch on bits that were shifted in; (if (i32.and (i32.shl (local.get 0) (i32.const 8)) (i32.const 255)) (then)) (i32.const 0)
a bound that always holds; (if (i32.lt_u (i32.add (i32.and (local.get 0) (i32.const 15)) (i32.const 1)) (i32.const 32)) (then)) (i32.const 0)
a branch beside the secret; (i32.store (i32.const 64) (local.get 0)) (if (i32.load (i32.const 68)) (then)) (i32.const 0)
a branch on what has been overwritten; (i32.store (i32.const 64) (local.get 0)) (memory.fill (i32.const 64) (i32.const 1) (i32.const 4)) (if (i32.load (i32.const 64)) (then)) (i32.const 0)
a secret that selects lanes of a register; (i8x16.extract_lane_u 0 (i8x16.swizzle (v128.const i32x4 1 2 3 4) (i32x4.splat (local.get 0))))
select by a public condition; (select (local.get 0) (i32.const 3) (local.get 1))
";

fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    table.lines().map(move |line| line.split("; ").collect::<Vec<_>>().try_into().expect("a row has all its columns"))
}

fn findings(body: &str, secret: bool) -> Vec<Finding> {
    let text = format!(
        "(module (type (func (param i32 i32) (result i32))) (memory 1) (global (mut i32) (i32.const 0)) (table 4 funcref)
           (elem (i32.const 0) $sum $sum $sum $sum)
           (func $sum (type 0) (i32.add (local.get 0) (local.get 1)))
           (func $planted (export \"run\") (type 0) {body}))"
    );
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{body}: {error}"));
    let module = Module::parse(&wasm).unwrap();
    let mut machine = Machine::new(&module).unwrap();
    let value = Value { bits: 0x1235, secret: if secret { u32::MAX.into() } else { 0 } };
    machine.call("run", &[value, Value::public(5u32)]).unwrap();
    machine.findings
}

#[test]
fn each_planted_leak_is_found_once_and_named() {
    for [name, kind, body] in rows(LEAKS) {
        let found = findings(body, true);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].kind.to_string(), kind, "{name}");
        assert_eq!((found[0].function.as_str(), found[0].export.as_str()), ("planted", "run"), "{name}");
        assert_eq!(found[0].times, 1, "{name}");
    }
}

#[test]
fn without_a_secret_nothing_is_found() {
    for [name, _, body] in rows(LEAKS) {
        assert_eq!(findings(body, false), [], "{name}");
    }
}

#[test]
fn what_leaks_nothing_is_not_found() {
    for [name, body] in rows(CLEAN) {
        assert_eq!(findings(body, true), [], "{name}");
    }
}
