#!/bin/sh
# check.sh FOLDER: whether load of FOLDER/load.mjs loads what is a module, and says what is not.
set -eu
exec node "$(dirname "$0")/check.mjs" "$(cd "$1" && pwd)/load.mjs"
