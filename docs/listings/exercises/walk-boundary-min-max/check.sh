#!/bin/sh
# check.sh FOLDER: whether FOLDER/min_max.wat gives both numbers in order.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
wat2wasm "$1/min_max.wat" -o "$made/min_max.wasm"
node "$(dirname "$0")/check.mjs" "$made/min_max.wasm"
