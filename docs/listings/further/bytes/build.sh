#!/bin/sh
# Compiles the listings of "Where bytes go" to target/bytes.
set -eu
cd "$(dirname "$0")"
out=../../../../target/bytes
mkdir -p "$out"
# ANCHOR: build
compile() { rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -C strip=debuginfo -C panic=abort "$@"; }

compile std.rs -o "$out/debug.wasm"
compile std.rs -o "$out/std.wasm" -C opt-level=s -C lto=fat
compile run_time_table.rs -o "$out/run_time_table.wasm" -C opt-level=s -C lto=fat
compile no_std.rs -o "$out/no_std.wasm" -C opt-level=s -C lto=fat
# ANCHOR_END: build
