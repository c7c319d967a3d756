#!/bin/sh
# check.sh FOLDER: whether glue of FOLDER/glue.mjs gives the right texts and frees everything.
set -eu
here=$(dirname "$0")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$here/module.rs" -o "$made/module.wasm"
node "$here/check.mjs" "$(cd "$1" && pwd)/glue.mjs" "$made/module.wasm"
