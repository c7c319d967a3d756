#!/bin/sh
# check.sh FOLDER: solved if FOLDER/limit.rs allows three calls a second, by the host's clock.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$1/limit.rs" -o "$made/limit.wasm"
node "$(dirname "$0")/check.mjs" "$made/limit.wasm"
