#!/bin/sh
# check.sh DIR: solved if DIR/blank.rs, compiled, gives the answers of vectors/ in Node and in Python.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc --edition 2024 --target wasm32-wasip1 -O -o "$work/blank.wasm" "$1/blank.rs"
target/debug/everyhost run --host node --host python --module "$work/blank.wasm" --vectors "$here/vectors" --report "$work/report"
