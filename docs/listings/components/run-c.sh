#!/bin/sh
# Compiles host.c and runs it with the libwasmtime of hosts/c.
set -eu
cd "$(dirname "$0")/../../.."
hosts/c/libwasmtime.sh

# ANCHOR: build
cc -std=c11 -Wall -Wextra -Werror -I target/c/wasmtime/include docs/listings/components/host.c \
    -L target/c/wasmtime/lib -lwasmtime -o target/c/host
LD_LIBRARY_PATH=target/c/wasmtime/lib target/c/host target/modules/signer-component.wasm
# ANCHOR_END: build
