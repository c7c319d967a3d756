#!/bin/sh
# Tries to link the standard library into a module with shared memory.
cd "$(dirname "$0")" || exit
# ANCHOR: refused
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib \
  -C target-feature=+atomics -C link-arg=--shared-memory std.rs -o ../../../target/threads/std.wasm
# ANCHOR_END: refused
