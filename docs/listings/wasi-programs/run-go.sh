#!/bin/sh
# Runs diary.wasm with the wazero of hosts/go.
set -eu
cd "$(dirname "$0")/../../../hosts/go"
out=../../target/wasi-programs
GOTOOLCHAIN=local exec "$(./toolchain.sh)" run -mod=readonly ../../docs/listings/wasi-programs/run.go $out/diary.wasm $out/notes
