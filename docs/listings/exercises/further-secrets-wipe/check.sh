#!/bin/sh
# check.sh DIR: solved if DIR/sign-once.mjs leaves nothing of the key behind, however it ends.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
