#!/bin/sh
# check.sh DIR: solved if choose() of DIR/choose.mjs takes the first module that works, and none that is merely valid.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
make_one() {
  printf '(module (func (export "probe") (result i32) (%s)) (func (export "which") (result i32) (i32.const %s)))' "$2" "$3" >"$made/$1.wat"
  wat2wasm "$made/$1.wat" -o "$made/$1.wasm"
}
make_one best 'i32.const 42' 1
make_one good 'i32.const 42' 2
make_one wrong 'i32.const 41' 3
make_one trap unreachable 4
node "$(dirname "$0")/check.mjs" "$1" "$made"
