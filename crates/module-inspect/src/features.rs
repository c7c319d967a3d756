//! Which features of Wasm a module uses beyond the first version of 2017.

use wasmparser::{BinaryReaderError, FuncValidatorAllocations, Parser, ValidPayload, Validator, WasmFeatures};

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
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("gc", WasmFeatures::GC),
    ("legacy-exceptions", WasmFeatures::LEGACY_EXCEPTIONS),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("stack-switching", WasmFeatures::STACK_SWITCHING),
    ("shared-everything", WasmFeatures::SHARED_EVERYTHING_THREADS),
    ("memory-control", WasmFeatures::MEMORY_CONTROL),
];

/// The one feature of a module that the parser does not understand, and a host may.
const UNKNOWN: &str = "unknown to this tool";

/// A feature, and the first byte of the module that needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// As LLVM names it.
    pub feature: &'static str,
    /// None if it is unknown.
    pub at: Option<usize>,
}

/// The features without which `wasm` would not be valid; `unknown` alone if it is not valid with all of them either.
pub fn used_features(wasm: &[u8]) -> Vec<String> {
    uses(wasm).iter().map(|used| used.feature.to_owned()).collect()
}

/// The same, with the place of each.
pub fn uses(wasm: &[u8]) -> Vec<Use> {
    let all = all();
    if first_fault(wasm, all).is_some() {
        return vec![Use { feature: UNKNOWN, at: None }];
    }
    let mut found = Vec::new();
    search(wasm, all, FEATURES, &mut found);
    found
}

/// Finds the features of the group that are used. A group of which none is costs one pass, which is most of them; a
/// pass ends early at what is used.
fn search(wasm: &[u8], all: WasmFeatures, group: &[(&'static str, WasmFeatures)], found: &mut Vec<Use>) {
    let without = group.iter().fold(all, |set, (_, feature)| set.difference(*feature));
    match (first_fault(wasm, without), group) {
        (None, _) => {}
        (at, [(feature, _)]) => found.push(Use { feature, at }),
        (Some(_), _) => {
            let (first, second) = group.split_at(group.len() / 2);
            search(wasm, all, first, found);
            search(wasm, all, second, found);
        }
    }
}

/// Exactly these features, and what is no feature of a module.
pub fn only(uses: &[Use]) -> WasmFeatures {
    let unused = FEATURES.iter().filter(|(feature, _)| uses.iter().all(|used| used.feature != *feature));
    unused.fold(all(), |set, (_, feature)| set.difference(*feature))
}

/// Every feature that the parser knows and hosts may have.
pub fn all() -> WasmFeatures {
    FEATURES.iter().fold(WasmFeatures::FLOATS | WasmFeatures::GC_TYPES, |set, (_, feature)| set | *feature)
}

/// Where the first thing is that is not valid with these features, in the order of the file.
fn first_fault(wasm: &[u8], features: WasmFeatures) -> Option<usize> {
    let mut validator = Validator::new_with_features(features);
    let mut allocations = FuncValidatorAllocations::default();
    let mut validate = || {
        for payload in Parser::new(0).parse_all(wasm) {
            if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
                let mut function = function.into_validator(std::mem::take(&mut allocations));
                function.validate(&body)?;
                allocations = function.into_allocations();
            }
        }
        Ok(())
    };
    validate().err().map(|fault: BinaryReaderError| fault.offset())
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
        assert!(used_features(&module(&[])).is_empty());
    }

    #[test]
    fn each_instruction_needs_its_feature() {
        // i32.const 0, i32.extend8_s, drop
        assert_eq!(used_features(&module(&[0x41, 0, 0xc0, 0x1a])), ["sign-ext"]);
        // three i32.const 0, memory.fill
        assert_eq!(used_features(&module(&[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0])), ["bulk-memory"]);
        // i32.const 0, i8x16.splat, drop
        assert_eq!(used_features(&module(&[0x41, 0, 0xfd, 15, 0x1a])), ["simd128"]);
        // f32.const 0, i32.trunc_sat_f32_s, drop
        assert_eq!(used_features(&module(&[0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a])), ["nontrapping-fptoint"]);
    }

    #[test]
    fn proposals_have_their_names() {
        for (wat, feature) in [
            (
                "(module (type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0))))",
                "function-references",
            ),
            ("(module (memory 1 (pagesize 1)))", "custom-page-sizes"),
        ] {
            let used = used_features(&wat::parse_str(wat).unwrap());
            assert!(used.iter().any(|known| known == feature), "{wat}");
        }
        // try, end
        let legacy = used_features(&module(&[0x06, 0x40, 0x0b]));
        assert!(legacy.contains(&"legacy-exceptions".to_owned()), "{legacy:?}");
    }

    #[test]
    fn a_use_has_a_place() {
        let wasm = module(&[0x41, 0, 0xc0, 0x1a]);
        let at = wasm.iter().position(|byte| *byte == 0xc0);
        assert_eq!(uses(&wasm), [Use { feature: "sign-ext", at }]);
        assert_eq!(uses(b"hello"), [Use { feature: UNKNOWN, at: None }]);
    }

    #[test]
    fn what_the_parser_does_not_know_is_said() {
        assert_eq!(used_features(b"hello"), [UNKNOWN]);
        assert_eq!(used_features(&module(&[0x1a])), [UNKNOWN]);
    }
}
