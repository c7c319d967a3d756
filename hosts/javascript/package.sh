#!/usr/bin/env bash
# Makes the npm packages in target/packages/npm, of the wrapper and of target/modules. The same bytes each time.
set -euo pipefail
cd "$(dirname "$0")"
if [ ! -d node_modules ]; then
    echo "hosts/javascript: node_modules does not exist; make it with: make setup" >&2
    exit 1
fi
exec node package/pack.mjs
