#!/bin/sh
# The tests of hosts/javascript in Deno, and what Deno's own tools say of this folder. Arguments go to `deno test`.
set -eu
cd "$(dirname "$0")"
deno=node_modules/.bin/deno
for needed in "$deno" ../javascript/node_modules; do
    [ -e "$needed" ] || { echo "hosts/deno: $needed does not exist; make it with: make setup" >&2; exit 1; }
done
"$deno" lint --quiet
"$deno" check --quiet ./*.mjs
# The tests write modules to a scratch folder, and start the programs of this folder with fewer permissions.
"$deno" test --quiet --no-check --no-prompt --allow-read --allow-write --allow-run --allow-env --allow-sys "$@" ../javascript/tests/*.test.mjs
node ../examples.mjs deno
node ../adapters.mjs deno
