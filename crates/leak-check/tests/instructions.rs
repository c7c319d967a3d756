//! Every instruction gives what it gives in wasmtime, and no bit that it calls public depends on a secret.

use std::cell::RefCell;

use crate::support::{Instruction, fitted, instructions};
use leak_check::{Machine, Module, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use wasmtime::{Engine, Func, Instance, Store, V128, Val};

/// Bits of an operand: floats and integers at their edges, few bits, repeated lanes, and anything.
fn operand() -> impl Strategy<Value = u128> {
    let whole32 = [0, 1, 2, 31, 32, 127, 128, 255, 0x7fff, 0x8000, 0xffff, i32::MAX as u32, i32::MIN as u32, u32::MAX];
    let floats32 = [1.0, -1.5, 2.5, f32::NAN, f32::INFINITY, -0.0, 2_147_483_648.0, 1e-40].map(f32::to_bits);
    let edges32 = prop::sample::select([&whole32[..], &floats32].concat());
    let whole64 = [0, 1, 63, 64, 1 << 52, i64::MAX as u64, i64::MIN as u64, u64::MAX];
    let small64 = [1.0, -0.5, 3.5, f64::NAN, f64::NEG_INFINITY, -0.0, 5e-324, 1.0 + f64::EPSILON].map(f64::to_bits);
    let ends = [2f64.powi(31), -2f64.powi(31) - 1.0, 2f64.powi(32) - 0.5, 2f64.powi(63), 2f64.powi(64)];
    let edges64 = prop::sample::select([&whole64[..], &small64, &ends.map(f64::to_bits)].concat());
    prop_oneof![
        any::<u128>(),
        prop::array::uniform4(edges32).prop_map(|w| w.iter().fold(0, |all, word| all << 32 | u128::from(*word))),
        prop::array::uniform2(edges64).prop_map(|w| u128::from(w[0]) << 64 | u128::from(w[1])),
        prop::array::uniform16(0u8..20).prop_map(u128::from_le_bytes),
        (-1000.0..1000.0f64, -1e300..1e300f64)
            .prop_map(|(a, b)| u128::from(a.to_bits()) << 64 | u128::from(b.to_bits())),
    ]
}

/// Which bits are secret: none, all, or some.
fn taint() -> impl Strategy<Value = u128> {
    prop_oneof![
        Just(0),
        Just(u128::MAX),
        any::<u128>(),
        (any::<u128>(), any::<u128>(), any::<u128>()).prop_map(|(a, b, c)| a & b & c),
        (0u32..128).prop_map(|bit| 1 << bit),
        prop::array::uniform16(prop::sample::select(&[0, 0xff][..])).prop_map(u128::from_le_bytes),
    ]
}

fn wasmtime_instance(wasm: &[u8]) -> (Store<()>, Instance) {
    let mut config = wasmtime::Config::new();
    config.wasm_relaxed_simd(true).relaxed_simd_deterministic(true);
    let engine = Engine::new(&config).unwrap();
    let module = wasmtime::Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

fn val(ty: &str, bits: u128) -> Val {
    match ty {
        "i32" => Val::I32(bits as u32 as i32),
        "i64" => Val::I64(bits as u64 as i64),
        "f32" => Val::F32(bits as u32),
        "f64" => Val::F64(bits as u64),
        _ => Val::V128(V128::from(bits)),
    }
}

fn bits(val: &Val) -> u128 {
    match val {
        Val::I32(x) => (*x as u32).into(),
        Val::I64(x) => (*x as u64).into(),
        Val::F32(x) => (*x).into(),
        Val::F64(x) => (*x).into(),
        Val::V128(x) => x.as_u128(),
        _ => unreachable!("no references here"),
    }
}

/// The bits of the result, or none if it traps.
fn called(store: &mut Store<()>, function: &Func, arguments: &[Val]) -> Option<u128> {
    let mut result = [Val::I32(0)];
    function.call(store, arguments, &mut result).ok().map(|()| bits(&result[0]))
}

/// Makes every NaN one NaN: which bits one has is the engine's choice.
fn one_nan(instruction: &Instruction, bits: u128) -> u128 {
    let lanes32 = instruction.name.starts_with("f32");
    let lanes64 = instruction.name.starts_with("f64");
    if !(lanes32 || lanes64) || instruction.name.contains("load") || instruction.name.contains("store") {
        return bits;
    }
    let mut bytes = bits.to_le_bytes();
    if lanes32 {
        let lanes = bytes.as_chunks_mut().0.iter_mut();
        lanes.filter(|lane| f32::from_le_bytes(**lane).is_nan()).for_each(|lane| *lane = f32::NAN.to_le_bytes());
    } else {
        let lanes = bytes.as_chunks_mut().0.iter_mut();
        lanes.filter(|lane| f64::from_le_bytes(**lane).is_nan()).for_each(|lane| *lane = f64::NAN.to_le_bytes());
    }
    u128::from_le_bytes(bytes)
}

#[test]
fn every_instruction_gives_what_wasmtime_gives() {
    let (all, text) = instructions();
    let wasm = wat::parse_str(&text).unwrap();
    let (mut store, instance) = wasmtime_instance(&wasm);
    let functions: Vec<_> =
        all.iter().map(|instruction| instance.get_func(&mut store, &instruction.name).unwrap()).collect();
    let module = Module::parse(&wasm).unwrap();
    // The runner's closure may not change what it captures.
    let state = RefCell::new((store, Machine::new(&module).unwrap()));
    TestRunner::new(Config::with_cases(400))
        .run(&[operand(), operand(), operand()], |operands| {
            let (store, machine) = &mut *state.borrow_mut();
            for (instruction, function) in all.iter().zip(&functions) {
                let inputs = || instruction.params.iter().zip(operands).map(|(ty, bits)| (*ty, fitted(ty, bits)));
                let arguments: Vec<_> = inputs().map(|(ty, bits)| val(ty, bits)).collect();
                let expected = called(store, function, &arguments).map(|bits| one_nan(instruction, bits));
                let arguments: Vec<_> = inputs().map(|(_, bits)| Value::public(bits)).collect();
                let given = machine.call(&instruction.name, &arguments);
                let given = given.ok().map(|results| one_nan(instruction, results[0].bits));
                prop_assert_eq!(given, expected, "{} on {:x?}", instruction.name, operands);
            }
            Ok(())
        })
        .unwrap();
    assert!(all.len() > 400, "{}", all.len());
}

#[test]
fn no_public_bit_depends_on_a_secret() {
    let (all, text) = instructions();
    let wasm = wat::parse_str(&text).unwrap();
    let module = Module::parse(&wasm).unwrap();
    let machine = RefCell::new(Machine::new(&module).unwrap());
    let cases = [operand(), operand(), operand()]
        .prop_flat_map(|operands| (Just(operands), [taint(), taint(), taint()], prop::array::uniform3(any::<u128>())));
    TestRunner::new(Config::with_cases(600))
        .run(&cases, |(operands, taints, others)| {
            for instruction in &all {
                let ask = |other: bool| {
                    let arguments: Vec<_> = instruction
                        .params
                        .iter()
                        .enumerate()
                        .map(|(at, ty)| {
                            // What is stored at a secret address is reported, and cannot be followed.
                            let taint = if instruction.memory && at == 0 { 0 } else { taints[at] };
                            let bits = if other { operands[at] ^ (others[at] & taint) } else { operands[at] };
                            Value { bits: fitted(ty, bits), secret: fitted(ty, taint) }
                        })
                        .collect();
                    machine.borrow_mut().call(&instruction.name, &arguments).ok().map(|results| results[0])
                };
                if let (Some(one), Some(two)) = (ask(false), ask(true)) {
                    prop_assert_eq!(one.secret, fitted(instruction.result, one.secret), "{}", instruction.name);
                    let differ = (one.bits ^ two.bits) & !one.secret;
                    let name = &instruction.name;
                    prop_assert_eq!(differ, 0, "{} on {:x?} secret {:x?} others {:x?}", name, operands, taints, others);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn control_flow_goes_where_wasmtime_goes() {
    let wasm = wat::parse_str(include_str!("control.wat")).unwrap();
    let (mut store, instance) = wasmtime_instance(&wasm);
    let module = Module::parse(&wasm).unwrap();
    let mut machine = Machine::new(&module).unwrap();
    for export in ["switch", "indirect", "loop", "swap", "early", "bulk", "grow", "recurse"] {
        let function = instance.get_func(&mut store, export).unwrap();
        for argument in [0u32, 1, 2, 3, 4, 7, 100, u32::MAX] {
            let expected = called(&mut store, &function, &[Val::I32(argument as i32)]);
            let given = machine.call(export, &[Value::public(argument)]);
            assert_eq!(given.ok().map(|results| results[0].bits), expected, "{export}({argument})");
        }
    }
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let refusal = |text: &str| format!("{:#}", Module::parse(&wat::parse_str(text).unwrap()).unwrap_err());
    assert!(refusal("(module (memory i64 1))").contains("memory64"));
    assert!(refusal("(module (import \"a\" \"b\" (func)))").contains("imports"));
    let threads = refusal("(module (memory 1 1 shared))");
    assert!(threads.contains("threads"), "{threads}");

    let wasm = wat::parse_str("(module (table 1 funcref) (func (export \"f\") (drop (table.size 0))))").unwrap();
    let module = Module::parse(&wasm).unwrap();
    let error = Machine::new(&module).unwrap().call("f", &[]).unwrap_err();
    assert!(format!("{error:#}").contains("TableSize"), "{error:#}");
}
