#!/usr/bin/env bash
# Builds the wheel and the sdist, with the modules inside, into target/packages/python. The same sources give the same bytes.
# Needs setup.sh and `make modules`.
set -euo pipefail
cd "$(dirname "$0")"
python=$PWD/.venv/bin/python
if [ ! -x "$python" ]; then
    echo "hosts/python: there is no .venv; make it with: hosts/python/setup.sh" >&2
    exit 1
fi
root=$(cd ../.. && pwd)
out=$root/target/packages/python
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

mkdir -p "$stage/everyhost_signer/wasm"
cp pyproject.toml "$root"/{CHANGELOG.md,LICENSE-*} "$stage"
cp everyhost_signer/*.py everyhost_signer/py.typed "$stage/everyhost_signer"
abi_version=$(sed -n 's/^_ABI_VERSION: Final = //p' everyhost_signer/signer.py)
sed "s/@abi_version@/$abi_version/" package.md >"$stage/README.md"
for name in $("$python" -c 'from everyhost_signer.modules import NAMES; print(*NAMES)'); do
    file=$root/target/modules/$name.wasm
    if [ ! -e "$file" ]; then
        echo "hosts/python: $file does not exist; build it with: make modules" >&2
        exit 1
    fi
    cp "$file" "$stage/everyhost_signer/wasm"
    sed -i "s/@$name@/$(stat -c %s "$file" | sed 's/\B...$/,&/')/" "$stage/README.md"
done
if grep -n '@' "$stage/README.md" >&2; then
    echo "hosts/python: package.md names a module that is not in everyhost_signer/modules.py" >&2
    exit 1
fi

rm -rf "$out"
export SOURCE_DATE_EPOCH=315532800 # 1980, the first year of a zip
(cd "$stage" && HATCH_QUIET=1 "$python" -m hatchling build --directory "$out")
cd "$out"
stat -c '%n, %s bytes' -- *
