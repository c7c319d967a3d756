#!/bin/sh
# check.sh FOLDER: whether midpoint of FOLDER/midpoint.c is right, and never overflows.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
# Signed overflow is made a trap, so that undefined behavior shows.
clang --target=wasm32 -Oz -fsanitize=signed-integer-overflow -fsanitize-trap=all \
  -nostdlib -Wl,--no-entry -Wl,--export=midpoint -o "$made/midpoint.wasm" "$1/midpoint.c"
node "$(dirname "$0")/check.mjs" "$made/midpoint.wasm"
