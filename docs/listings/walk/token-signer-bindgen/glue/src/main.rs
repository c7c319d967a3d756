// ANCHOR: all
//! `glue MODULE.wasm DIR` does what `wasm-bindgen --target web --out-dir DIR MODULE.wasm` does.

fn main() {
    let [module, dir] = std::env::args().skip(1).collect::<Vec<_>>().try_into().unwrap();
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(module)
        .web(true)
        .unwrap()
        .omit_default_module_path(false) // `init()` finds the module beside the glue
        .typescript(true)
        .generate(dir)
        .unwrap();
}
// ANCHOR_END: all
