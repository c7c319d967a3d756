#!/bin/sh
# check.sh DIR: solved if `everyhost smoke` finds nothing wrong with DIR/adapter.py.
set -eu
exec target/debug/everyhost smoke -- hosts/python/.venv/bin/python "$1/adapter.py"
