#!/bin/sh
# check.sh FOLDER: whether race of FOLDER/race.mjs takes turns and gives medians.
set -eu
exec node "$(dirname "$0")/check.mjs" "$(cd "$1" && pwd)/race.mjs"
