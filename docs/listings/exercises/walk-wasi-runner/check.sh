#!/bin/sh
# check.sh FOLDER: whether FOLDER/run.mjs ends as its program ends.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-wasip1 "$(dirname "$0")/program.rs" -o "$made/program.wasm"

# expect CODE OUTPUT ARGUMENT…
expect() {
  code=0
  wanted=$1 text=$2
  shift 2
  output=$(node --no-warnings "$solved/run.mjs" "$made/program.wasm" "$@" 2> "$made/errors") || code=$?
  [ "$code" = "$wanted" ] || { echo "program.wasm $*: ended with $code, not with $wanted"; exit 1; }
  [ "$output" = "$text" ] || { echo "program.wasm $*: printed '$output', not '$text'"; exit 1; }
}
solved=$1
expect 0 ""
expect 0 "one two" one two
expect 3 "exit 3" exit 3
expect 134 "panic" panic
