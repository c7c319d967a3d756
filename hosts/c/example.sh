#!/bin/sh
# Builds the example, with the module compiled into it, and runs it. The first time with a module takes some seconds.
#   hosts/c/example.sh [--message TEXT] [--key-file FILE] [--module FILE]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -e "$here/../../Cargo.toml" ]; then
    build=../../target/c
    module=$(cd "$here/../.." && pwd)/target/modules/signer-raw.wasm
else
    build=build
    module=$here/signer-raw.wasm
fi

# --module is for this script; everything else is for the program.
left=$#
while [ "$left" -gt 0 ]; do
    argument=$1
    shift
    left=$((left - 1))
    case $argument in
    --module)
        [ "$left" -gt 0 ] || { echo "example: --module needs a FILE" >&2; exit 2; }
        module=$1
        shift
        left=$((left - 1))
        ;;
    --module=*) module=${argument#--module=} ;;
    *) set -- "$@" "$argument" ;;
    esac
done
if [ ! -f "$module" ]; then
    echo "example: $module is not there; build it with: make modules" >&2
    exit 1
fi

# Each module gets a folder of its own, by its hash. It is relative to this one: make cannot do with blanks in a path.
sha256=$(sha256sum <"$module" | cut -c 1-64)
made=$build/example/$sha256
mkdir -p "$here/$made"
[ -e "$here/$made/signer-raw.wasm" ] || cp "$module" "$here/$made/signer-raw.wasm"
[ -x "$here/$made/example" ] || echo "example: compiling the module" >&2
make --silent --directory="$here" CC="${CC:-cc}" EXAMPLE="$made" example >&2
exec "$here/$made/example" "$@"
