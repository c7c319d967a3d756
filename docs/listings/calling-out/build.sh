#!/bin/sh
# Compiles the guests of "Calling out" to target/calling-out.
set -eu
cd "$(dirname "$0")"
out=../../../target/calling-out
mkdir -p "$out"
# ANCHOR: build
compile() {
  rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib \
    -C opt-level=s -C lto=fat -C strip=symbols "$@"
}

compile greeter.rs -o "$out/greeter.wasm"
compile asker.rs -o "$out/asker.wasm"
# ANCHOR_END: build
