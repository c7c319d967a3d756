#!/bin/sh
# check.sh DIR: solved if basket.c with the imports of DIR/imports.json gives the answers of vectors/ in Node and in Python.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all -o "$work/basket.wasm" "$here/basket.c"
target/debug/everyhost virtualize "$work/basket.wasm" -o "$work/shop.wasm" --imports "$1/imports.json"
target/debug/everyhost run --host node --host python --module "$work/shop.wasm" --vectors "$here/vectors" --report "$work/report"
