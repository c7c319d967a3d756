#!/bin/sh
# check.sh DIR: solved if DIR/title.rs, compiled, gives the answers of vectors/ in Node and in Python.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O -o "$work/title.wasm" "$1/title.rs"
target/debug/everyhost run --host node --host python --module "$work/title.wasm" --vectors "$here/vectors" --report "$work/report"
