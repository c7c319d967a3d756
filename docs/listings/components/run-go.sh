#!/bin/sh
# Runs host.go with the wazero of hosts/go.
set -eu
cd "$(dirname "$0")/../../../hosts/go"
GOTOOLCHAIN=local exec "$(./toolchain.sh)" run -mod=readonly ../../docs/listings/components/host.go ../../target/modules/signer-component-core.wasm
