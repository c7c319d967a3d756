#!/bin/sh
# Compiles the guests of the page about the sandbox to target/sandbox.
set -eu
cd "$(dirname "$0")"
out=../../../target/sandbox
mkdir -p "$out"
wat2wasm guest.wat -o "$out/guest.wasm"
wat2wasm table.wat -o "$out/table.wasm"
clang --target=wasm32 -O2 -fno-builtin -nostdlib -Wl,--no-entry -o "$out/badge.wasm" badge.c
