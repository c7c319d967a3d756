#!/bin/sh
# The writers in Python, JavaScript and Rust: formatting, lints and types; that all three write the same set; and that hosts
# answer it as it says. Arguments are the hosts.
set -eu
cd "$(dirname "$0")/.."
python=hosts/python/.venv/bin
tools=hosts/javascript/node_modules/.bin
for folder in "$python" "$tools"; do
    if [ ! -d "$folder" ]; then
        echo "writers: $folder does not exist; make it with: make setup" >&2
        exit 1
    fi
done
"$python/ruff" format --quiet --check --config hosts/python/pyproject.toml writers
"$python/ruff" check --quiet --config hosts/python/pyproject.toml writers
"$python/mypy" --no-error-summary --strict writers/python writers/tests/sample.py
"$tools/prettier" --config hosts/javascript/.prettierrc.json --check --log-level warn writers '!writers/README.md'
"$tools/eslint" --config hosts/javascript/eslint.config.mjs writers
"$tools/tsc" --project writers/javascript
exec node writers/tests/check.mjs "$@"
