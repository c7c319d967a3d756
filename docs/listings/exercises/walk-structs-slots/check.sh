#!/bin/sh
# check.sh FOLDER: whether no old handle reaches a counter of FOLDER/slots.rs.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$1/slots.rs" -o "$made/slots.wasm"
node "$(dirname "$0")/check.mjs" "$made/slots.wasm"
