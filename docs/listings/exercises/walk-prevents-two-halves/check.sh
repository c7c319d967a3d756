#!/bin/sh
# check.sh FOLDER: whether FOLDER/halves.rs compiles, without unsafe code, and mirrors.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
cp "$1/halves.rs" "$(dirname "$0")/check.rs" "$made"
rustc --edition 2024 -D unsafe_code "$made/check.rs" -o "$made/check"
"$made/check"
