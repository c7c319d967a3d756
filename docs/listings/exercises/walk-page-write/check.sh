#!/bin/sh
# check.sh FOLDER: whether writeMessage of FOLDER/write.mjs writes the message.
set -eu
exec node "$(dirname "$0")/check.mjs" "$(cd "$1" && pwd)/write.mjs"
