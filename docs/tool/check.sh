#!/usr/bin/env bash
# Every check of the book's tool: formatting, lints, types, tests; with the programs of hosts/javascript (make setup).
# Arguments go to `node --test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=hosts/javascript/node_modules/.bin
if [ ! -d "$programs" ]; then
  echo "docs/tool: $programs is not there; make it with: make setup" >&2
  exit 1
fi
"$programs/prettier" --config hosts/javascript/.prettierrc.json --check --log-level warn docs/tool docs/pictures docs/theme/*.{css,js}
"$programs/eslint" --config hosts/javascript/eslint.config.mjs docs/tool docs/pictures docs/theme
"$programs/tsc" --project docs/tool/tsconfig.json
node --test --test-timeout=300000 "$@" docs/tool/tests/*.test.mjs
