//! Takes the text out of panics.
//!
//! A module without imports has nobody to tell why it panics: the host sees the trap, and nothing of the message. The
//! code that puts the message together stays in nevertheless, because a hook could be set that reads it. Here each
//! function that only ever panics becomes the instruction `unreachable`, in which it would end anyway, and wasm-opt then
//! removes what nobody calls: numbers to text, text to lines, the names of source files.

use anyhow::{Context, Result};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

/// The beginnings of the names of functions that never return and only say what went wrong.
const PANICS: &[&str] = &[
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_already_borrowed",
    "core::cell::panic_already_mutably_borrowed",
    "core::slice::index::slice_",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "std::alloc::rust_oom",
    "std::panicking::panic_with_hook",
    "std::panicking::panic_handler",
    "std::thread::local::panic_access_error",
];

/// The module with every function of [`PANICS`] emptied.
pub(super) fn without_text(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .generate_producers_section(false)
        .parse(wasm)
        .context("cannot read what cargo has linked")?;
    let panics: Vec<FunctionId> =
        module.funcs.iter_local().map(|(id, _)| id).filter(|&id| only_panics(&module, id)).collect();
    for &id in &panics {
        let body = unreachable(&mut module, id);
        module.funcs.get_mut(id).kind = FunctionKind::Local(body);
    }
    Ok(module.emit_wasm())
}

fn only_panics(module: &Module, id: FunctionId) -> bool {
    let Some(mangled) = module.funcs.get(id).name.as_deref() else {
        return false;
    };
    // Of `<T as Trait>::method` this is `<T as …`, which no name here begins with.
    let name = format!("{:#}", rustc_demangle::demangle(mangled));
    PANICS.iter().any(|beginning| name.starts_with(beginning))
}

fn unreachable(module: &mut Module, id: FunctionId) -> LocalFunction {
    let (params, results) = module.types.params_results(module.funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let args = params.iter().map(|param| module.locals.add(*param)).collect();
    let mut body = FunctionBuilder::new(&mut module.types, &params, &results);
    body.func_body().unreachable();
    body.local_func(args)
}

#[cfg(test)]
mod tests {
    use walrus::ValType;
    use walrus::ir::Instr;

    use super::*;

    /// A module of one exported function of this name, which returns its argument.
    fn module_with(name: &str) -> Vec<u8> {
        let mut module = Module::default();
        let arg = module.locals.add(ValType::I32);
        let mut function = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
        function.name(name.to_owned()).func_body().local_get(arg);
        let id = function.finish(vec![arg], &mut module.funcs);
        module.exports.add("f", id);
        module.emit_wasm()
    }

    fn traps(wasm: &[u8]) -> bool {
        let module = Module::from_buffer(wasm).unwrap();
        let (_, function) = module.funcs.iter_local().next().unwrap();
        let body = function.block(function.entry_block());
        matches!(body.instrs.as_slice(), [(Instr::Unreachable(_), _)])
    }

    #[test]
    fn what_only_panics_becomes_a_trap() {
        for name in [
            // core::panicking::panic_fmt
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt",
            // core::option::unwrap_failed
            "_RNvNtCsgXGp5Oqx2Ny_4core6option13unwrap_failed",
            // core::panicking::panic_fmt, in the older mangling
            "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
        ] {
            assert!(traps(&without_text(&module_with(name)).unwrap()), "{name}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for name in [
            "sign",
            // core::slice::copy_from_slice_impl
            "_ZN4core5slice20copy_from_slice_impl17h025503ae9e2be7fbE",
            // curve25519_dalek::scalar::Scalar::reduce
            "_ZN16curve25519_dalek6scalar6Scalar6reduce17he3f4d2ca63d98f68E",
            // my::core::panicking::f
            "_ZN2my4core9panicking1f17h0123456789abcdefE",
        ] {
            assert!(!traps(&without_text(&module_with(name)).unwrap()), "{name}");
        }
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(without_text(b"hello").is_err());
    }
}
