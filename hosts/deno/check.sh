#!/bin/sh
# Every check of the Deno host: formatting, lints, types, tests. Arguments go to `deno test`.
set -eu
cd "$(dirname "$0")"
deno=node_modules/.bin/deno
if [ ! -x "$deno" ]; then
    echo "hosts/deno: there is no $deno; make it with: npm ci --prefix hosts/deno" >&2
    exit 1
fi
"$deno" fmt --quiet --check
"$deno" lint --quiet
"$deno" check --quiet ./*.mjs tests/*.mjs
# The tests write modules to a scratch folder, and run the programs of this folder with fewer permissions.
exec "$deno" test --quiet --no-check --no-prompt --allow-read --allow-write --allow-run --allow-env "$@"
