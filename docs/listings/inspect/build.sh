#!/bin/sh
# Compiles the modules of "What is this module?" to target/inspect. Needs clang and wasm-ld (Debian: clang lld).
set -eu
cd "$(dirname "$0")"
out=../../../target/inspect
rm -rf "$out"
mkdir -p "$out"
# ANCHOR: build
compile() { clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all "$@"; }

compile half.c -o "$out/half.wasm"
compile split.c -o "$out/split.wasm"
rustc --edition 2024 --target wasm32-wasip1 -C opt-level=s -C lto=fat -C strip=symbols \
  tally.rs -o "$out/tally.wasm"
# ANCHOR_END: build
