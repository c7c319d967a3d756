#!/bin/sh
# check.sh FOLDER: whether FOLDER/check_pin.rs is right, traps as before, and has less than 1,000 bytes.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib \
  -C opt-level=s -C lto=fat -C strip=symbols "$1/check_pin.rs" -o "$made/pin.wasm"
node "$(dirname "$0")/check.mjs" "$made/pin.wasm"
