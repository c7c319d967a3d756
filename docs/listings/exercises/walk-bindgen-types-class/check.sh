#!/bin/sh
# check.sh FOLDER: whether the class of FOLDER/counter.mjs uses no counter that is gone.
set -eu
here=$(dirname "$0")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$here/module.rs" -o "$made/module.wasm"
node "$here/check.mjs" "$(cd "$1" && pwd)/counter.mjs" "$made/module.wasm"
