//! Which features of Wasm a module uses beyond the first version of 2017.

use anyhow::{Context, Result};
use wasmparser::{Validator, WasmFeatures};

/// The features that are looked for, by the names that rustc and LLVM give them. They are the ones that a
/// host may lack.
const FEATURES: &[(&str, WasmFeatures)] = &[
    ("mutable-globals", WasmFeatures::MUTABLE_GLOBAL),
    ("nontrapping-fptoint", WasmFeatures::SATURATING_FLOAT_TO_INT),
    ("sign-ext", WasmFeatures::SIGN_EXTENSION),
    ("multivalue", WasmFeatures::MULTI_VALUE),
    ("bulk-memory", WasmFeatures::BULK_MEMORY),
    ("reference-types", WasmFeatures::REFERENCE_TYPES),
    ("simd128", WasmFeatures::SIMD),
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("tail-call", WasmFeatures::TAIL_CALL),
    ("atomics", WasmFeatures::THREADS),
    ("exception-handling", WasmFeatures::EXCEPTIONS),
    ("multimemory", WasmFeatures::MULTI_MEMORY),
    ("memory64", WasmFeatures::MEMORY64),
    ("extended-const", WasmFeatures::EXTENDED_CONST),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("gc", WasmFeatures::GC),
];

/// The features without which `wasm` would not be valid.
///
/// # Errors
///
/// Where it is not valid with all of them either.
pub fn used_features(wasm: &[u8]) -> Result<Vec<String>> {
    let all = FEATURES.iter().fold(
        WasmFeatures::FLOATS | WasmFeatures::GC_TYPES,
        |set, (_, feature)| set | *feature,
    );
    Validator::new_with_features(all)
        .validate_all(wasm)
        .context("not a valid Wasm module")?;
    let needed = |feature: WasmFeatures| {
        Validator::new_with_features(all.difference(feature))
            .validate_all(wasm)
            .is_err()
    };
    Ok(FEATURES
        .iter()
        .filter(|(_, feature)| needed(*feature))
        .map(|(name, _)| (*name).to_owned())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of one function without parameters or results, by the bytes of its body.
    fn module(body: &[u8]) -> Vec<u8> {
        let size = |len: usize| u8::try_from(len).unwrap();
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.extend([1, 4, 1, 0x60, 0, 0]); // type 0: () -> ()
        wasm.extend([3, 2, 1, 0]); // function 0 has type 0
        wasm.extend([5, 3, 1, 0, 1]); // a memory of one page
        wasm.extend([10, size(body.len() + 4), 1, size(body.len() + 2), 0]);
        wasm.extend(body);
        wasm.push(0x0b);
        wasm
    }

    #[test]
    fn an_empty_function_needs_nothing() {
        assert!(used_features(&module(&[])).unwrap().is_empty());
    }

    #[test]
    fn each_instruction_needs_its_feature() {
        // i32.const 0, i32.extend8_s, drop
        assert_eq!(
            used_features(&module(&[0x41, 0, 0xc0, 0x1a])).unwrap(),
            ["sign-ext"]
        );
        // three i32.const 0, memory.fill
        assert_eq!(
            used_features(&module(&[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0])).unwrap(),
            ["bulk-memory"]
        );
        // i32.const 0, i8x16.splat, drop
        assert_eq!(
            used_features(&module(&[0x41, 0, 0xfd, 15, 0x1a])).unwrap(),
            ["simd128"]
        );
        // f32.const 0, i32.trunc_sat_f32_s, drop
        assert_eq!(
            used_features(&module(&[0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a])).unwrap(),
            ["nontrapping-fptoint"]
        );
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(used_features(b"hello").is_err());
        assert!(used_features(&module(&[0x1a])).is_err());
    }
}
