#!/bin/sh
# The tests of hosts/javascript in Bun. Arguments go to `bun test`.
set -eu
cd "$(dirname "$0")/../javascript"
bun=../bun/node_modules/.bin/bun
for needed in "$bun" node_modules; do
    [ -e "$needed" ] || { echo "hosts/bun: $needed does not exist; make it with: make setup" >&2; exit 1; }
done
# The limit is for each test, in milliseconds: the machine may be busy.
"$bun" test --timeout 300000 "$@" tests/*.test.mjs
node ../examples.mjs bun
node ../adapters.mjs bun
