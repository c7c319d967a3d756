//! Cells of 64 bits that code can index, kept in globals: every host has those, and the guest's memory and tables stay
//! its own.

use std::fmt::Write as _;

/// How many cells one function chooses from.
const PAGE: usize = 64;

/// WAT of `count` cells: `$cell_get (param i32) (result i64)` and `$cell_set (param i32 i64)`.
pub(super) fn cells(count: usize) -> String {
    let mut wat = String::new();
    for cell in 0..count {
        let _ = writeln!(wat, "(global $cell_{cell} (mut i64) (i64.const 0))");
    }
    let (mut gets, mut sets) = (Vec::new(), Vec::new());
    for page in 0..count.div_ceil(PAGE) {
        let of_page = page * PAGE..count.min((page + 1) * PAGE);
        let within = format!("(i32.and (local.get $i) (i32.const {}))", PAGE - 1);
        let get = of_page.clone().map(|cell| format!("(return (global.get $cell_{cell}))"));
        let set = of_page.map(|cell| format!("(global.set $cell_{cell} (local.get $x)) (return)"));
        let get = switch(&within, &get.collect::<Vec<_>>());
        let set = switch(&within, &set.collect::<Vec<_>>());
        let _ = writeln!(wat, "(func $get_{page} (param $i i32) (result i64) {get})");
        let _ = writeln!(wat, "(func $set_{page} (param $i i32) (param $x i64) {set})");
        gets.push(format!("(return (call $get_{page} (local.get $i)))"));
        sets.push(format!("(call $set_{page} (local.get $i) (local.get $x)) (return)"));
    }
    let page = format!("(i32.shr_u (local.get $i) (i32.const {}))", PAGE.ilog2());
    let (get, set) = (switch(&page, &gets), switch(&page, &sets));
    let _ = writeln!(wat, "(func $cell_get (param $i i32) (result i64) {get})");
    let _ = writeln!(wat, "(func $cell_set (param $i i32) (param $x i64) {set})");
    wat
}

/// Does the arm of this number, or the last one; each arm has to return.
fn switch(number: &str, arms: &[String]) -> String {
    let labels: String = (0..arms.len()).map(|arm| format!("$arm_{arm} ")).collect();
    let table = format!("(br_table {labels}{number})");
    arms.iter().enumerate().fold(table, |inner, (arm, does)| format!("(block $arm_{arm} {inner}) {does}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_valid_at_any_count() {
        for count in [1, 63, 64, 65, 2112] {
            let wasm = wat::parse_str(format!("(module {})", cells(count))).unwrap();
            wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::MVP).validate_all(&wasm).unwrap();
        }
    }
}
