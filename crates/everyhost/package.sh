#!/usr/bin/env bash
# Builds the tool's wheel, which needs no clone, into target/packages/tool. Carries the modules if `make modules` built them.
# The same sources give the same bytes.
#
#   package.sh [dev]    dev: not optimized, with what the tests have compiled; not for others, because it has this folder's path in it
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
venv=$CARGO_TARGET_DIR/maturin
out=$CARGO_TARGET_DIR/packages/tool

# The stamp is written last, so that a set-up that was cut short is done again.
wanted=$( (echo "$venv"; python3 --version; cat requirements.txt) | cksum)
if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
    echo "$wanted" >"$venv/stamp"
fi
rm -rf "$out"
# Beside the two that are in git; the wheel takes them by their names.
trap 'rm -f LICENSE-THIRD-PARTY' EXIT
"$venv/bin/python" "$root/scripts/dependencies/notices.py" everyhost bundle >LICENSE-THIRD-PARTY
export SOURCE_DATE_EPOCH=315532800 # 1980, the first year of a zip
# This machine's C library, not an old one's: a release is built where that is old.
build=("$venv/bin/maturin" build --quiet --compatibility linux --out "$out")
if [ "${1:-}" = dev ]; then
    # For one package, cargo compiles half of its crates once more, with fewer features. So maturin finds a cargo that builds
    # it with the workspace's, those for tests included: the example has them.
    cargo=$(command -v cargo)
    cat >"$venv/bin/cargo" <<SH
#!/bin/sh
[ "\$1" = rustc ] || exec "$cargo" "\$@"
exec "$cargo" build --quiet --locked --manifest-path "$root/Cargo.toml" --workspace --bin everyhost --example sample \\
    --features everyhost/bundle --message-format json-render-diagnostics
SH
    chmod +x "$venv/bin/cargo"
    PATH="$venv/bin:$PATH" "${build[@]}" --profile dev
    rm "$venv/bin/cargo"
    # The workspace's own tool again, which carries nothing, as the rest of it was built.
    # shellcheck disable=SC2086 # they are words
    (cd "$root" && cargo build --locked --quiet ${SCOPE:--p everyhost})
else
    # Where a crate was built is in its panics' messages otherwise.
    export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$root=."$'\x1f'"--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
    "${build[@]}" --release
    python3 - "$root" "$out"/*.whl <<'PYTHON'
import sys, zipfile
root, wheel = sys.argv[1:]
for name in (archive := zipfile.ZipFile(wheel)).namelist():
    if root.encode() in archive.read(name):
        sys.exit(f"package.sh: {name} in {wheel} has the path of this folder in it")
PYTHON
fi
(cd "$out" && stat -c '%n, %s bytes' -- *)
