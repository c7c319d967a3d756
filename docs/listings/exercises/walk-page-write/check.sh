#!/bin/sh
# check.sh FOLDER: whether writeMessage of FOLDER/write.mjs writes what it is given.
set -eu
exec node "$(dirname "$0")/check.mjs" "$(cd "$1" && pwd)/write.mjs"
