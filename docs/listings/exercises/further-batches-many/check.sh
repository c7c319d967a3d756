#!/bin/sh
# check.sh DIR: solved if DIR/sign-all.mjs loads the key once, signs all lines in batches, and holds no key afterwards.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
