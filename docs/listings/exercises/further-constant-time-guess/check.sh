#!/bin/sh
# check.sh DIR: solved if recover() of DIR/guess.py finds a tag by the fuel that equal_early takes.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O docs/listings/constant-time/equal.rs -o "$made/equal.wasm"
PYTHONDONTWRITEBYTECODE=1 hosts/python/.venv/bin/python "$(dirname "$0")/check.py" "$made/equal.wasm" "$1"
