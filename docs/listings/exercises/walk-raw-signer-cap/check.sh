#!/bin/sh
# check.sh FOLDER: whether FOLDER/cap.rs keeps its cap.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$1/cap.rs" -o "$made/cap.wasm"
node "$(dirname "$0")/check.mjs" "$made/cap.wasm"
