#!/bin/sh
# check.sh DIR: solved if DIR/public-key.mjs gives the public key of files with and without one, and refuses a wrong one.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
