#!/bin/sh
# check.sh DIR: solved if Node's answers to DIR/vectors are green, and the vectors are unchanged.
set -eu
here=$(dirname "$0")
cmp "$here/start/vectors/nan.json" "$1/vectors/nan.json"
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
cp target/modules/probe.wasm "$report/nan.wasm"
target/debug/everyhost run --host node --module "$report/nan.wasm" --vectors "$1/vectors" --report "$report"
