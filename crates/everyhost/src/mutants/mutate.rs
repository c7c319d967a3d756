//! Changes one constant of a module, in place: the file keeps its length and stays valid.

use anyhow::{Context, Result, ensure};
use wasmparser::{Operator, Parser, Payload, Validator, WasmFeatures};

use crate::exports::Exports;

/// The first of SHA-512's round constants: every key, nonce and challenge of Ed25519 depends on it.
const SHA_512_K0: u64 = 0x428a_2f98_d728_ae22;

/// The signer, with the lowest bit of [`SHA_512_K0`] flipped wherever it stands: in data or a vector constant, or as
/// an `i64.const`.
pub(crate) fn signer(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut places = places_of(wasm, &SHA_512_K0.to_le_bytes());
    for (operator, at) in operators(wasm, |_| true)? {
        if matches!(operator, Operator::I64Const { value } if value.cast_unsigned() == SHA_512_K0) {
            // The number follows the opcode, lowest bits first.
            places.push(at + 1);
        }
    }
    flipped(wasm, &places, "SHA-512's first round constant is nowhere in the module")
}

/// The reader of keys, which takes keys for `Dd25519` and writes such: the name's first letter changes wherever it stands.
pub(crate) fn keys(wasm: &[u8]) -> Result<Vec<u8>> {
    flipped(wasm, &places_of(wasm, b"Ed25519"), "the name Ed25519 is nowhere in the module")
}

/// The component that gives back what it is given: the first letter of what it says to a counter that starts with 0 changes.
pub(crate) fn component(wasm: &[u8]) -> Result<Vec<u8>> {
    flipped(wasm, &places_of(wasm, b"nothing to count"), "the words \"nothing to count\" are nowhere in the component")
}

/// The adder, which subtracts: the `i32.add` of its `add_numbers` becomes an `i32.sub`.
pub(crate) fn adder(wasm: &[u8]) -> Result<Vec<u8>> {
    let exports = Exports::read(wasm)?;
    let function = exports.function("add_numbers").context("the module exports no function add_numbers")?;
    let function = function.own_index.context("add_numbers is imported")?;
    let mut mutant = wasm.to_vec();
    let mut changed = false;
    for (operator, at) in operators(wasm, |index| index == function)? {
        if matches!(operator, Operator::I32Add) {
            mutant[at] = 0x6b;
            changed = true;
        }
    }
    ensure!(changed, "add_numbers has no i32.add");
    validated(mutant)
}

/// With the lowest bit of the byte at each of these places the other way round; or why it has none of them.
fn flipped(wasm: &[u8], places: &[usize], missing: &'static str) -> Result<Vec<u8>> {
    ensure!(!places.is_empty(), missing);
    let mut mutant = wasm.to_vec();
    places.iter().for_each(|at| mutant[*at] ^= 1);
    validated(mutant)
}

/// Where these bytes stand.
fn places_of(wasm: &[u8], bytes: &[u8]) -> Vec<usize> {
    wasm.windows(bytes.len()).enumerate().filter(|(_, window)| *window == bytes).map(|(at, _)| at).collect()
}

/// Every operator of the chosen functions, by their number among the module's own, and its offset.
fn operators(wasm: &[u8], wanted: impl Fn(usize) -> bool) -> Result<Vec<(Operator<'_>, usize)>> {
    let mut found = Vec::new();
    let mut index = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            if wanted(index) {
                for operator in body.get_operators_reader()?.into_iter_with_offsets() {
                    found.push(operator?);
                }
            }
            index += 1;
        }
    }
    Ok(found)
}

fn validated(mutant: Vec<u8>) -> Result<Vec<u8>> {
    Validator::new_with_features(WasmFeatures::all()).validate_all(&mutant).context("the mutant is not valid")?;
    Ok(mutant)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::fixture::assert_has;

    fn module(body: &[u8]) -> Vec<u8> {
        let mut wasm =
            b"\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x0f\x01\x0badd_numbers\0\0"
                .to_vec();
        let len = u8::try_from(body.len()).unwrap();
        wasm.extend([0x0a, len + 3, 1, len + 1, 0]);
        wasm.extend(body);
        wasm
    }

    #[test]
    fn the_adder_subtracts() {
        let wasm = module(b"\x20\0\x20\x01\x6a\x0b");
        let mutant = adder(&wasm).unwrap();
        assert_eq!(differing(&wasm, &mutant), vec![wasm.len() - 2..wasm.len() - 1]);
        let error = adder(&module(b"\x20\0\x20\x01\x6b\x0b")).unwrap_err().to_string();
        assert_eq!(error, "add_numbers has no i32.add");
    }

    #[test]
    fn the_signers_constant_is_changed_in_code_and_in_data() {
        let mut body = vec![0x42];
        leb128(SHA_512_K0.cast_signed(), &mut body);
        body.extend(b"\xa7\x0b");
        let in_code = module(&body);
        assert_eq!(differing(&in_code, &signer(&in_code).unwrap()).len(), 1);

        let mut in_data = in_code.clone();
        in_data.extend([0, 10, 1, b'k']);
        in_data.extend(SHA_512_K0.to_le_bytes());
        assert_eq!(differing(&in_data, &signer(&in_data).unwrap()).len(), 2);

        let without = module(b"\x20\0\x20\x01\x6a\x0b");
        assert_has(signer(&without).unwrap_err().to_string(), "nowhere in the module");
    }

    #[test]
    fn the_curve_has_another_name() {
        let mut wasm = module(b"\x20\0\x20\x01\x6a\x0b");
        assert_has(keys(&wasm).unwrap_err().to_string(), "nowhere in the module");
        wasm.extend(b"\0\x09\x01kEd25519");
        assert_eq!(differing(&wasm, &keys(&wasm).unwrap()), vec![wasm.len() - 7..wasm.len() - 6]);
    }

    fn leb128(mut value: i64, out: &mut Vec<u8>) {
        loop {
            let byte = u8::try_from(value & 0x7f).unwrap();
            value >>= 7;
            if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
                return out.push(byte);
            }
            out.push(byte | 0x80);
        }
    }

    fn differing(one: &[u8], other: &[u8]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for at in (0..one.len().min(other.len())).filter(|at| one[*at] != other[*at]) {
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end += 1,
                _ => ranges.push(at..at + 1),
            }
        }
        ranges
    }
}
