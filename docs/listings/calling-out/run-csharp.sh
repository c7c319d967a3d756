#!/bin/sh
# Compiles Host.cs, and runs it with the libwasmtime of hosts/csharp.
set -eu
cd "$(dirname "$0")/../../.."
# ANCHOR: build
mcs -nologo -out:target/calling-out/host.exe docs/listings/calling-out/Host.cs docs/listings/calling-out/Wasmtime.cs
LD_LIBRARY_PATH=hosts/csharp/bin mono target/calling-out/host.exe target/calling-out/greeter.wasm
# ANCHOR_END: build
