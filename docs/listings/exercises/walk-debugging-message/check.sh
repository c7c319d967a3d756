#!/bin/sh
# check.sh DIR: solved if Guest of DIR/guest.mjs throws errors that say what the guest's panic said.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O "$(dirname "$0")/guest.rs" -o "$made/guest.wasm"
node "$(dirname "$0")/check.mjs" "$1" "$made/guest.wasm"
