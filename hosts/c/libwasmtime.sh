#!/bin/sh
# Gets libwasmtime from PyPI and the headers of its C API from crates.io: lib/ and include/ in target/c/wasmtime. Quick when
# nothing changed.
set -eu
cd "$(dirname "$0")"

# The headers must be those of the library. Its wheel may have another number than the wasmtime in it, which tells its own
# in the message of an internal error.
version=50.0.0
sha256=b2c5c602144b0226bf8c448b3bd2799d13296be2e0d6ffbe74aefefda44c2b5e # of the crate with that version's headers
crate=wasmtime-c-api-impl-$version
build=build
[ ! -e ../../Cargo.toml ] || build=../../target/c
out=$build/wasmtime

# The stamp is written last, so that what was cut short is done again. A venv does not survive being moved.
wanted=$( (pwd; python3 --version; cat requirements.txt libwasmtime.sh) 2>&1 | cksum)
[ "$(cat $out/stamp 2>/dev/null)" != "$wanted" ] || exit 0

fail() { echo "hosts/c: $1" >&2; exit 1; }
python3 -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python 3 with venv is missing, which gets libwasmtime. On Debian: apt-get install --no-install-recommends python3-venv"
command -v cargo >/dev/null || fail "cargo is missing, which gets the headers of libwasmtime: https://rustup.rs"
echo "hosts/c: getting libwasmtime and its headers"
rm -rf $out
mkdir -p $out/lib
python3 -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
for found in "$PWD"/.venv/lib/python3*/site-packages/wasmtime/*/_libwasmtime.*; do
    grep -aqxF "version: $version" "$found" ||
        fail "$found is no wasmtime $version: if it is a newer one, set version and sha256 in libwasmtime.sh"
    ln -s "$found" "$out/lib/${found##*/_}"
done

# `cargo info` downloads one crate, without its dependencies, and builds nothing.
cargo info --quiet "wasmtime-c-api-impl@$version" >/dev/null
for file in "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/$crate.crate; do
    echo "$sha256  $file" | sha256sum --check --quiet
    tar -xzf "$file" -C $out $crate/include
    break
done
mv $out/$crate/include $out
rmdir $out/$crate
# conf.h says which of its features the library has, as CMake would write it. Without GC a value would have another size.
sed -E 's/^#cmakedefine (WASMTIME_FEATURE_(CRANELIFT|COMPONENT_MODEL|GC|WASI))$/#define \1/; /^#cmakedefine/d' \
    $out/include/wasmtime/conf.h.in >$out/include/wasmtime/conf.h
echo "$wanted" >$out/stamp
