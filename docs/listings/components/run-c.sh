#!/bin/sh
# Gets the headers of libwasmtime's C API, compiles host.c, and runs it with the libwasmtime of hosts/csharp.
set -eu
cd "$(dirname "$0")/../../.."
lib=hosts/csharp/bin
out=target/component-c

# The headers must be those of the library. Its wheel may have another number than the wasmtime in it, which tells its own
# in the message of an internal error.
version=50.0.0
sha256=b2c5c602144b0226bf8c448b3bd2799d13296be2e0d6ffbe74aefefda44c2b5e # of the crate with that version's headers
grep -aqxF "version: $version" "$lib"/libwasmtime.[ds]* || {
    echo "$0: no libwasmtime $version in $lib: run hosts/csharp/setup.sh. If its version changed, set version and sha256" >&2
    exit 1
}

# `cargo info` downloads one crate, without its dependencies, and builds nothing.
crate=wasmtime-c-api-impl-$version
if [ "$(cat $out/stamp 2>/dev/null)" != "$sha256" ]; then
    rm -rf $out
    mkdir -p $out
    cargo info --quiet "wasmtime-c-api-impl@$version" >/dev/null
    for file in "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/$crate.crate; do
        echo "$sha256  $file" | sha256sum --check --quiet
        tar -xzf "$file" -C $out $crate/include
        break
    done
    mv $out/$crate/include $out
    # conf.h says which of its features the library has. CMake would write it; these two are all that the program uses.
    sed -E 's/^#cmakedefine (WASMTIME_FEATURE_(CRANELIFT|COMPONENT_MODEL))$/#define \1/; /^#cmakedefine/d' \
        $out/include/wasmtime/conf.h.in >$out/include/wasmtime/conf.h
    echo "$sha256" >$out/stamp
fi

# ANCHOR: build
cc -std=c11 -Wall -Wextra -Werror -I target/component-c/include docs/listings/components/host.c \
    -L hosts/csharp/bin -lwasmtime -o target/component-c/host
LD_LIBRARY_PATH=hosts/csharp/bin target/component-c/host target/modules/signer-component.wasm
# ANCHOR_END: build
