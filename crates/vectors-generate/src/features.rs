//! One little module for each feature of Wasm. A host that refuses it lacks the feature.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::build::{self, case, made_here};
use super::raw::Steps;
use vectors::model::{Case, Face, Suite};
use vectors::ops::{Op, RawModule};

const FOLDER: &str = "hosts/probe/features";

const FLAGS: &[(&str, &str)] =
    &[("Feature", "a feature of WebAssembly beyond its first version: a host that lacks it refuses the module")];

/// The name of each feature, which is also its file's, in the order in which they were standardized; what it is; and
/// what the module's `probe` returns.
const FEATURES: &[(&str, &str, i32)] = &[
    ("sign-extension", "i32.extend8_s; WebAssembly 2.0", -128),
    ("saturating-conversion", "i32.trunc_sat_f64_s; WebAssembly 2.0", i32::MAX),
    ("multi-value", "functions with several results; WebAssembly 2.0", 42),
    ("bulk-memory", "memory.fill and memory.copy; WebAssembly 2.0", 0x0707_0707),
    ("reference-types", "ref.func and table.set; WebAssembly 2.0", 42),
    ("simd", "v128; WebAssembly 2.0", 44),
    ("extended-const", "arithmetic in constant expressions; WebAssembly 3.0", 42),
    ("tail-call", "return_call; WebAssembly 3.0", 2_000_000),
    ("relaxed-simd", "i8x16.relaxed_swizzle; WebAssembly 3.0", 7),
    ("multi-memory", "several memories; WebAssembly 3.0", 42),
    ("exceptions", "try_table and throw; WebAssembly 3.0", 42),
    ("memory64", "64-bit addresses; WebAssembly 3.0", 42),
    ("gc", "structs that the host collects; WebAssembly 3.0", 42),
    ("threads", "shared memory and atomics; a proposal", 42),
    ("wide-arithmetic", "128-bit products; a proposal", 42),
];

/// # Errors
///
/// Where the text of a module cannot be read or is none.
pub(super) fn suite(root: &Path) -> anyhow::Result<Suite> {
    let cases: anyhow::Result<Vec<Case>> =
        FEATURES.iter().map(|(name, comment, answer)| feature(root, name, comment, *answer)).collect();
    Ok(build::suite(
        "features",
        Face::Probe,
        made_here("the WebAssembly specification; the modules are those of hosts/probe/features"),
        FLAGS,
        cases?,
    ))
}

fn feature(root: &Path, name: &str, comment: &str, answer: i32) -> anyhow::Result<Case> {
    let path = root.join(FOLDER).join(name).with_extension("wat");
    let text = fs::read_to_string(&path).with_context(|| format!("{FOLDER}/{name}.wat"))?;
    let wasm = wat::parse_str(&text).with_context(|| format!("{FOLDER}/{name}.wat"))?;
    let (steps, expect) = Steps::new().call("probe", &[], &[answer.into()]).parts();
    let op = Op::RawModule(RawModule { wasm: wasm.into(), steps });
    Ok(case(format!("features/{name}"), &["Feature"], comment, op, expect))
}
