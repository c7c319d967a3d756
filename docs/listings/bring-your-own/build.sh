#!/bin/sh
# Builds checksum.wasm into the given folder, or into this one. Needs clang and wasm-ld (Debian: clang lld).
set -eu
here=$(dirname "$0")
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all -o "${1:-$here}/checksum.wasm" "$here/checksum.c"
