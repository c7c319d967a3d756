//! Compiles c/wasi.c for whatever target the crate is built for, and has it linked into `wasi-c`.

use std::path::Path;
use std::process;

fn main() {
    let source = Path::new("../../c/wasi.c");
    println!("cargo::rerun-if-changed={}", source.display());
    let mut build = cc::Build::new();
    build
        .file(source)
        .opt_level_str("s")
        .flag("-std=c11")
        // It declares what it calls itself, with its own FILE. Not -ffreestanding, for which clang takes `main` for a function like others.
        .flag("-fno-builtin")
        .warnings_into_errors(true)
        // No paths of this machine in the module.
        .debug(false);
    // The object, not a library: who starts the program knows its `main` as one that may be missing, and would not look for it there.
    match build.try_compile_intermediates() {
        Ok(objects) => {
            for object in objects {
                println!("cargo::rustc-link-arg-bin=wasi-c={}", object.display());
            }
        }
        Err(error) => {
            // One line a message: that is all that cargo shows.
            println!("cargo::error=cannot compile c/wasi.c: {}", error.to_string().replace('\n', " "));
            println!(
                "cargo::error=C for WASI needs clang: on Debian `apt-get install --no-install-recommends clang`; elsewhere name it in \
                 CC_wasm32_wasip1"
            );
            process::exit(1);
        }
    }
}
