#!/bin/sh
# Compiles run.c and runs diary.wasm with the libwasmtime of hosts/c.
set -eu
cd "$(dirname "$0")/../../.."
hosts/c/libwasmtime.sh
cc -std=c11 -Wall -Wextra -Werror -I target/c/wasmtime/include docs/listings/wasi-programs/run.c \
    -L target/c/wasmtime/lib -lwasmtime -o target/c/run-wasi
LD_LIBRARY_PATH=target/c/wasmtime/lib exec target/c/run-wasi target/wasi-programs/diary.wasm target/wasi-programs/notes
