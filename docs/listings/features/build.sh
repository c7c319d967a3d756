#!/bin/sh
# Compiles two files with and without the newer features, to target/features, and says what each module needs.
set -eu
cd "$(dirname "$0")"
out=../../../target/features
mkdir -p "$out"
# ANCHOR: build
compile() {
  rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O -C strip=symbols "$@"
}

compile own.rs -o "$out/own.wasm"
compile own.rs -o "$out/own-simd.wasm" -C target-feature=+simd128
compile own.rs -o "$out/own-mvp.wasm" -C target-cpu=mvp
compile with-std.rs -o "$out/std-mvp.wasm" -C target-cpu=mvp
# ANCHOR_END: build
