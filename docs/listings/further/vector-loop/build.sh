#!/bin/sh
# Compiles the listings of "How a loop becomes a vector" to target/vector-loop.
set -eu
cd "$(dirname "$0")"
out=../../../../target/vector-loop
mkdir -p "$out"
# ANCHOR: build
compile() { rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -C opt-level=3 -C strip=debuginfo "$@"; }

compile loops.rs -o "$out/scalar.wasm"
compile loops.rs -o "$out/vector.wasm" -C target-feature=+simd128
compile field.rs -o "$out/field.wasm" -C target-feature=+simd128
compile fused.rs -o "$out/fused.wasm" -C target-feature=+simd128,+relaxed-simd
# ANCHOR_END: build
