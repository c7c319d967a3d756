#!/bin/sh
# Every check of the Bun host: formatting, lints, types, tests. Arguments go to `bun test`.
set -eu
cd "$(dirname "$0")"
if [ ! -x node_modules/.bin/bun ]; then
    echo "hosts/bun: there is no node_modules/.bin/bun; make it with: npm ci --prefix hosts/bun" >&2
    exit 1
fi
node_modules/.bin/prettier --check --log-level warn .
node_modules/.bin/eslint .
node_modules/.bin/tsc
exec node_modules/.bin/bun test "$@"
