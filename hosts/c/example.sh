#!/bin/sh
# Builds the example, with the module compiled into it, and runs it. The first time with a module takes some seconds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
options='[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]'
build=build
module=$here/signer-raw.wasm
if [ -e "$here/../../Cargo.toml" ]; then
    build=../../target/c
    module=$(cd "$here/../.." && pwd)/target/modules/signer-raw.wasm
fi
message=hello
given=
message_file=
key_file=

fail() {
    echo "example: $1" >&2
    exit 1
}
wrong_use() {
    echo "example: $1; expected $options" >&2
    exit 2
}
while [ $# -gt 0 ]; do
    case $1 in
    --help)
        cat <<END
usage: example.sh $options

Signs a message with a Wasm module and makes a JWT that OpenSSL verifies.

  --message TEXT       text to sign, as UTF-8 (default: hello)
  --message-file FILE  a file of UTF-8 to sign instead
  --key-file FILE      the seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits
                       (default: a published key, for tests only)
  --module FILE        the signer (default: $module)
END
        exit
        ;;
    --message=* | --message-file=* | --key-file=* | --module=*)
        name=${1%%=*}
        value=${1#*=}
        ;;
    --message | --message-file | --key-file | --module)
        [ $# -gt 1 ] || wrong_use "$1 needs a value"
        name=$1
        value=$2
        shift
        ;;
    -*) wrong_use "$1 is not an option" ;;
    *) wrong_use "unexpected argument $1" ;;
    esac
    shift
    case $name in
    --message)
        message=$value
        given=yes
        ;;
    --message-file) message_file=$value ;;
    --key-file) key_file=$value ;;
    --module) module=$value ;;
    esac
done
[ -z "$given" ] || [ -z "$message_file" ] || wrong_use "--message and --message-file exclude each other"
[ -e "$module" ] || fail "$module does not exist; build it with: make modules"
[ -f "$module" ] && [ -r "$module" ] || fail "cannot read $module: it is no file, or not yours to read"

# Each module gets a folder of its own, by its hash. It is relative to this one: make cannot do with blanks in a path.
# The module may be anybody's: wasm2c is given a copy without text of its own.
sha256=$(sha256sum <"$module" | cut -c 1-64)
made=$build/examples/$sha256
if [ ! -x "$here/$made/example" ]; then
    [ ! -t 2 ] || echo "example: compiling the module" >&2
    mkdir -p "$here/$made"
    make --silent --directory="$here" CC="${CC:-cc}" copy_tool
    complaint=$("$here/$build/copy_tool" "$module" "$here/$made/signer-raw.wasm" 2>&1) || fail "$complaint"
fi
log=$here/$made/log
make --silent --jobs=2 --directory="$here" CC="${CC:-cc}" EXAMPLE="$made" example >"$log" 2>&1 ||
    fail "$module cannot be compiled: $(head -n 1 "$log")"
exec "$here/$made/example" "$(basename "$module") $(echo "$sha256" | cut -c 1-16)" "wasm2c $(wasm2c --version)" \
    "$key_file" "$message_file" "$message"
