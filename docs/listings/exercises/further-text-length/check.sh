#!/bin/sh
# check.sh DIR: solved if DIR/sign.mjs signs any string as UTF-8, and refuses half of a surrogate pair with a TypeError.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
