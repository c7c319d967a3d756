#!/bin/sh
# Gets the npm packages of this folder, and what drives Firefox (firefox/). Quick when nothing changed.
set -eu
cd "$(dirname "$0")"
for folder in . firefox; do
    # npm keeps a copy of the lock file of what it installed.
    installed=$folder/node_modules/.package-lock.json
    if [ ! -e "$installed" ] || [ "$folder/package-lock.json" -nt "$installed" ]; then
        if ! command -v npm >/dev/null 2>&1; then
            echo "hosts/browser: npm is missing; on Debian: apt-get install --no-install-recommends nodejs npm (Node 20 or later)" >&2
            exit 1
        fi
        echo "hosts/browser: npm ci in $folder"
        (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
        mkdir -p "$folder/node_modules" && touch "$installed"
    fi
done
