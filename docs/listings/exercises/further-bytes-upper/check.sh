#!/bin/sh
# check.sh DIR: solved if the module of DIR/upper.rs has less than 600 bytes and still gives capital letters.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -C opt-level=s -C lto=fat -C panic=abort -C strip=symbols \
  "$1/upper.rs" -o "$made/upper.wasm"
node "$(dirname "$0")/check.mjs" "$made/upper.wasm"
