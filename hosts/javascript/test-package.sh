#!/usr/bin/env bash
# Uses the npm packages as a stranger does: packed, in an empty folder, with nothing else of ours. Arguments go to `node --test`.
set -euo pipefail
cd "$(dirname "$0")"
if [ ! -d node_modules ]; then
    echo "hosts/javascript: node_modules does not exist; make it with: make setup" >&2
    exit 1
fi
exec node --test --test-timeout=300000 "$@" package/stranger.test.mjs
