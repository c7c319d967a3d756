#!/bin/sh
# check.sh DIR: solved if two threads that take tickets from DIR/tickets.wat never get the same, and never too many.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
wat2wasm --enable-threads "$1/tickets.wat" -o "$made/tickets.wasm"
node "$(dirname "$0")/check.mjs" "$made/tickets.wasm"
