#!/bin/sh
# Makes greeter.wasm C, compiles it into host.c, and runs that. Needs wasm2c (Debian: wabt).
set -eu
cd "$(dirname "$0")/../../../target/calling-out"
# ANCHOR: build
wasm2c --module-name greeter --output greeter.c greeter.wasm
cc -w -I . -I /usr/share/wabt/wasm2c ../../docs/listings/calling-out/host.c greeter.c /usr/share/wabt/wasm2c/wasm-rt-impl.c -lm -o host-c
# ANCHOR_END: build
exec ./host-c
