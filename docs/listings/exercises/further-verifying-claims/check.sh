#!/bin/sh
# check.sh DIR: solved if DIR/accepted.mjs accepts only tokens that are signed, for this audience, and not expired.
set -eu
exec node "$(dirname "$0")/verify.mjs" "$1"
