#!/bin/sh
# check.sh DIR: solved if DIR/sum.c, compiled, gives the answers of vectors/ in Node and in Python.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all -o "$work/sum.wasm" "$1/sum.c"
target/debug/everyhost run --host node --host python --module "$work/sum.wasm" --vectors "$here/vectors" --report "$work/report"
