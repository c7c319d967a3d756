#!/bin/sh
# check.sh DIR: solved if DIR/token.mjs prints a token that Node's own crypto verifies.
set -eu
here=$(dirname "$0")
node "$1/token.mjs" | node "$here/verify.mjs"
