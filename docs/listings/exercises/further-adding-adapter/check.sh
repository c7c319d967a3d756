#!/bin/sh
# check.sh DIR: solved where `everyhost smoke` has nothing to say about DIR/adapter.py.
set -eu
exec target/debug/everyhost smoke -- hosts/python/.venv/bin/python "$1/adapter.py"
