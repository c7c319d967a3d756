#!/bin/sh
# Runs limits.go with the wazero of hosts/go.
set -eu
cd "$(dirname "$0")/../../../hosts/go"
GOTOOLCHAIN=local exec "$(./toolchain.sh)" run -mod=readonly ../../docs/listings/sandbox/limits.go ../../target/sandbox/guest.wasm
