#!/bin/sh
# Formatting, lints and types of all JavaScript in hosts/. The tests run on each runtime: hosts/{node,deno,bun,browser}/check.sh.
set -eu
cd "$(dirname "$0")/../.."
tools=hosts/javascript/node_modules/.bin
if [ ! -d "$tools" ]; then
    echo "hosts/javascript: $tools does not exist; make it with: make setup" >&2
    exit 1
fi
shared="hosts/javascript hosts/node hosts/deno hosts/bun hosts/browser"
# Without what is generated.
# shellcheck disable=SC2086 # folders
"$tools/prettier" --config hosts/javascript/.prettierrc.json --check --log-level warn $shared hosts/*.mjs hosts/*.json \
    '!**/package-lock.json' '!hosts/javascript/signer/codes.mjs'
# shellcheck disable=SC2086
"$tools/eslint" --config hosts/javascript/eslint.config.mjs $shared hosts/*.mjs
"$tools/tsc" --project hosts/javascript
"$tools/tsc" --project hosts/bun
