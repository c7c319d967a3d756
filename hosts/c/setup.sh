#!/bin/sh
# Builds what the C host needs: the adapters, for which it gets libwasmtime, and the bench program. Quick when nothing
# changed; safe to run at any time.
#   CC=clang hosts/c/setup.sh    # with another compiler
set -eu
cd "$(dirname "$0")"
cc=${CC:-cc}
apt="apt-get install --no-install-recommends"

need() { # COMMAND PACKAGES
    command -v "$1" >/dev/null 2>&1 || { echo "hosts/c: $1 was not found. On Debian: $apt $2" >&2; exit 1; }
}
need_header() { # HEADER PACKAGE
    echo "#include <$1>" | "$cc" -E - >/dev/null 2>&1 ||
        { echo "hosts/c: $cc does not find <$1>. On Debian: $apt $2" >&2; exit 1; }
}
need "$cc" "gcc libc6-dev"
need make make
need wasm2c wabt
need_header wasm-rt.h wabt
need_header jansson.h libjansson-dev
need_header openssl/evp.h libssl-dev

make --silent CC="$cc" adapter bench
./libwasmtime.sh
exec make --silent CC="$cc" wasmtime-adapter
