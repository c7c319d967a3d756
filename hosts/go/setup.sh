#!/bin/sh
# Builds the programs of conformance/ and the example to bin/, with the modules that go.sum names. Quick when nothing changed;
# safe to run at any time. toolchain.sh gets a Go that is new enough.
set -eu
cd "$(dirname "$0")"
go=$(./toolchain.sh)
export GOTOOLCHAIN=local

# The stamp is written last, so that a set-up that was cut short is done again.
wanted=$( ("$go" version; find . -path ./.venv -prune -o -name '*.go' ! -name '*_test.go' -print | LC_ALL=C sort | xargs cat go.mod go.sum) | cksum)
if [ "$(cat bin/stamp 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
echo "hosts/go: building with $("$go" version)"
mkdir -p bin/new
rm -f bin/stamp
# Moved when they are whole: a run may begin as soon as they are there.
"$go" build -mod=readonly -trimpath -buildvcs=false -o bin/new/ ./conformance/... ./example
mv bin/new/* bin
rmdir bin/new
echo "$wanted" >bin/stamp
