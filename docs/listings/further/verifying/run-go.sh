#!/bin/sh
# Runs tokens.go with the wrapper of hosts/go.
set -eu
cd "$(dirname "$0")/../../../../hosts/go"
GOTOOLCHAIN=local exec "$(./toolchain.sh)" run -mod=readonly ../../docs/listings/further/verifying/tokens.go ../../target
