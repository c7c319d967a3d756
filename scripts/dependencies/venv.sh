#!/usr/bin/env bash
# Prints the folder of the programs that requirements.txt names; installs them first, by hash, into target/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
venv=$(cd ../.. && pwd)/target/dependencies
# The stamp is written last, so that a set-up that was cut short is done again.
wanted=$( (echo "$venv"; python3 --version; cat requirements.txt) | cksum)
if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt >&2
    echo "$wanted" >"$venv/stamp"
fi
echo "$venv/bin"
