#!/bin/sh
# check.sh DIR: solved where DIR/public-key.mjs gives the public key of files with one and without, and refuses one that is another's.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
