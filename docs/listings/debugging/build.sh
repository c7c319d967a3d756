#!/bin/sh
# Compiles the listings of the page on debugging to target/debugging.
set -eu
cd "$(dirname "$0")"
out=../../../target/debugging
mkdir -p "$out"
# ANCHOR: build
compile() {
  rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O \
    -g --remap-path-prefix "$PWD=." "$@"
}

compile shop.rs -o "$out/shop.wasm"
compile busy.rs -o "$out/busy.wasm"
wasm-strip "$out/shop.wasm" -o "$out/shop-stripped.wasm"
# ANCHOR_END: build
