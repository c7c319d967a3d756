#!/bin/sh
# check.sh FOLDER: whether Guest of FOLDER/guest.mjs starts afresh after a trap.
set -eu
here=$(dirname "$0")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
wat2wasm "$here/counter.wat" -o "$made/counter.wasm"
node "$here/check.mjs" "$(cd "$1" && pwd)/guest.mjs" "$made/counter.wasm"
