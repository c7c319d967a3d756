#!/bin/sh
# check.sh DIR: solved where DIR/sign.mjs signs any text as UTF-8, and refuses half of a surrogate pair with a TypeError.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
