#!/bin/sh
# Compiles the program of "WASI programs" to target/wasi-programs, and makes the folder that it may use.
set -eu
cd "$(dirname "$0")"
out=../../../target/wasi-programs
rm -rf "$out"
mkdir -p "$out/notes"
# ANCHOR: build
rustc --edition 2024 --target wasm32-wasip1 -C opt-level=s -C lto=fat -C strip=symbols \
  diary.rs -o "$out/diary.wasm"
# ANCHOR_END: build
