#!/bin/sh
# Every check of the Go host: formatting, lints, the example, the adapters, tests. Arguments go to go test.
set -eu
cd "$(dirname "$0")"
./setup.sh
go=$(./toolchain.sh)
export GOTOOLCHAIN=local
unformatted=$("$("$go" env GOROOT)/bin/gofmt" -l everyhost conformance example pack tests _package)
if [ -n "$unformatted" ]; then
    echo "hosts/go: not as gofmt writes it; run gofmt -w on: $unformatted" >&2
    exit 1
fi
"$go" vet ./...
PATH=$(dirname "$go"):$PATH "$go" tool staticcheck ./...
node ../examples.mjs go
node ../adapters.mjs go-wazero go-wazero-interpreter oracle-go
# -count=1: Go's cache of results does not see that a module outside of this folder has changed.
exec "$go" test -count=1 ./... "$@"
