//! Compiles c/add.c for whatever target the crate is built for, and has it linked in.

use std::path::Path;
use std::{env, process};

fn main() {
    let c = Path::new("../../c");
    let mut build = cc::Build::new();
    build
        .file(c.join("add.c"))
        .include(c)
        // Always, in debug builds too: what is linked in unoptimized stays so in the final module.
        .opt_level_str("z")
        .flag("-std=c11")
        // No host's headers: those of Linux are wrong for Wasm, and none are needed.
        .flag("-ffreestanding")
        .warnings_into_errors(true)
        // No paths of this machine in the module.
        .debug(false);
    println!("cargo::rerun-if-changed={}", c.join("add.c").display());
    println!("cargo::rerun-if-changed={}", c.join("add.h").display());

    if let Err(error) = build.try_compile("add") {
        // One line a message: that is all that cargo shows.
        let reason = error.to_string().replace('\n', " ");
        println!("cargo::error=cannot compile c/add.c: {reason}");
        if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.contains("wasm")) {
            println!(
                "cargo::error=C for Wasm needs clang and llvm-ar: on Debian `apt-get install --no-install-recommends clang llvm`; \
                 elsewhere name them in CC_wasm32_unknown_unknown and AR_wasm32_unknown_unknown"
            );
        } else {
            println!(
                "cargo::error=install a C compiler: on Debian `apt-get install --no-install-recommends gcc libc6-dev`"
            );
        }
        process::exit(1);
    }
}
