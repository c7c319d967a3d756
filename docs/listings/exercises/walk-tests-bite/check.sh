#!/bin/sh
# check.sh FOLDER: whether the tests in FOLDER/tests.rs pass, and fail for each broken version.
set -eu
here=$(dirname "$0")
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

passes() {
  { cat "$1"; printf '\n#[cfg(test)]\nmod tests {\nuse super::*;\n'; cat "$2/tests.rs"; printf '}\n'; } > "$made/frame.rs"
  rustc --edition 2024 -A warnings --test "$made/frame.rs" -o "$made/tests" || exit 1
  "$made/tests" --quiet > "$made/output" 2>&1
}

passes "$here/frame.rs" "$1" || { cat "$made/output"; echo "the tests fail for the right version"; exit 1; }
for broken in order long text; do
  if passes "$here/broken/$broken.rs" "$1"; then
    echo "the tests pass for broken/$broken.rs as well"
    exit 1
  fi
done
