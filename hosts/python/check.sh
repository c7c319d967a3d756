#!/bin/sh
# Every check of the Python host: formatting, lints, types, the example, the adapters, tests. Arguments go to pytest.
set -eu
cd "$(dirname "$0")"
if [ ! -x .venv/bin/python ]; then
    echo "hosts/python: there is no .venv; make it with: hosts/python/setup.sh" >&2
    exit 1
fi
.venv/bin/ruff format --quiet --check .
.venv/bin/ruff check --quiet .
.venv/bin/mypy --no-error-summary
node ../examples.mjs python
node ../adapters.mjs python oracle-pyca oracle-libsodium
exec .venv/bin/python -m pytest --quiet "$@"
