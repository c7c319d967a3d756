#!/bin/sh
# Compiles shared.rs to target/threads.
set -eu
cd "$(dirname "$0")"
mkdir -p ../../../target/threads
# ANCHOR: build
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O -C panic=abort \
  -C target-feature=+atomics -C link-arg=--import-memory -C link-arg=--shared-memory \
  -C link-arg=--max-memory=4194304 -C link-arg=--export=__stack_pointer \
  shared.rs -o ../../../target/threads/shared.wasm
# ANCHOR_END: build
