#!/usr/bin/env bash
# Uses the package as a stranger does: in an empty folder, from its packed files, with nothing else of this repo.
# Needs setup.sh and `make modules`; gets wasmtime from PyPI.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
tools=$here/.venv/bin
out=$root/target/packages/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

proves() { echo "python package: $*"; }
fail() {
    echo "python package: $*" >&2
    exit 1
}
sums() { (cd "$1" && sha256sum -- *); }
# in_stranger NAME ARGUMENT…: runs a Python program that stands in stdin, in the empty folder.
in_stranger() {
    cat >"$work/empty/$1"
    (cd "$work/empty" && "$work/venv/bin/python" -I -W error "$@")
}

./package.sh >/dev/null
sums "$out" >"$work/sums"
# Of another age, and readable by the owner only.
(
    umask 077
    mkdir -p "$work/clone/hosts/python" "$work/clone/target"
    cp -r everyhost_signer pyproject.toml package.md package.sh "$work/clone/hosts/python"
    cp "$root"/{CHANGELOG.md,LICENSE-*} "$work/clone"
    cp -r "$root/target/modules" "$work/clone/target"
    ln -s "$here/.venv" "$work/clone/hosts/python/.venv"
    find "$work/clone" -type f -exec touch -d 2001-02-03 {} +
    "$work/clone/hosts/python/package.sh" >/dev/null
)
sums "$work/clone/target/packages/python" | diff "$work/sums" - || fail "a build in another folder has other bytes"
proves "built twice, in two folders, it is the same bytes"

wheel=$(echo "$out"/*.whl)
sdist=$(echo "$out"/*.tar.gz)
mkdir "$work/sdist" "$work/rebuilt"
tar -xzf "$sdist" -C "$work/sdist" --strip-components 1
(cd "$work/sdist" && SOURCE_DATE_EPOCH=315532800 "$tools/python" -m hatchling build --target wheel --directory "$work/rebuilt" 2>/dev/null)
cmp "$wheel" "$work/rebuilt/$(basename "$wheel")" || fail "the sdist builds another wheel"
proves "the sdist builds the very same wheel"
strange=$({ "$tools/python" -m zipfile --list "$wheel" | tail -n +2; tar -tzf "$sdist" | sed 's,^[^/]*/,,'; } |
    grep -vE '^(everyhost_signer/([a-z_]+\.py|py\.typed|CHANGELOG\.md|wasm/[a-z-]+\.wasm) |everyhost_signer-[0-9.]+\.dist-info/)' |
    grep -vxE 'everyhost_signer/([a-z_]+\.py|py\.typed|wasm/[a-z-]+\.wasm)|PKG-INFO|README\.md|CHANGELOG\.md|LICENSE-(MIT|APACHE|THIRD-PARTY)|pyproject\.toml' || true)
[ -z "$strange" ] || fail "the package has files that nobody needs: $strange"
proves "it has the wrapper, the modules, licenses and changelog, and nothing else"
found=$("$tools/twine" check --strict "$wheel" "$sdist" 2>&1) || fail "twine check: $found"
found=$("$tools/check-wheel-contents" "$wheel" 2>&1) || fail "$found"
proves "twine and check-wheel-contents accept it"

# By hash, as all that pip installs here: wasmtime as it is locked, and the wheel.
mkdir "$work/empty" "$work/install"
"$tools/python" -m venv "$work/venv"
(
    cd "$work/install"
    sed -n '/^wasmtime==/,/^ *# via/p' "$here/requirements.txt" >requirements.txt
    echo "$wheel --hash=sha256:$(sha256sum "$wheel" | cut -d' ' -f1)" >>requirements.txt
    "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
)
"$work/venv/bin/python" -m pip --disable-pip-version-check check >/dev/null || fail "pip check: something is missing"
proves "pip installs it into an empty environment, with wasmtime alone"

in_stranger readme.py <<'PROGRAM'
"""Takes the programs out of the installed README."""
import re
from importlib.metadata import metadata
from pathlib import Path

text = metadata("everyhost-signer").get_payload()
for number, program in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL), 1):
    Path(f"program{number}.py").write_text(program)
PROGRAM
[ "$(in_stranger first.py <"$work/empty/program1.py")" = "[True]" ] || fail "the first program of the README did not print [True]"
openssl genpkey -algorithm ed25519 -out "$work/empty/my.pem"
[ "$(in_stranger second.py <"$work/empty/program2.py")" = "{'sub': 'alice'}" ] || fail "the README's program for keys and tokens did not print the claims"
proves "the programs of its README run: they sign, verify, read a key of OpenSSL's, make a token and verify it"

in_stranger asked.py <<'PROGRAM'
"""Which modules are opened, and when; a token that was changed; modules by name."""
import sys

opened: list[str] = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" and str(args[0]).endswith(".wasm") else None)

from everyhost_signer import Adder, PrivateKey, Signer, TokenRefusal, Verifier, modules, verify_tokens

def expect(*names: str) -> None:
    found = [path.rpartition("/")[2].removesuffix(".wasm") for path in opened]
    assert found == list(names), found
    opened.clear()

expect()
key = PrivateKey.generate()
with Signer.from_private_key(modules.signer(), key, batch_modules=modules.signer_batches()) as signer:
    one = signer.sign("a")
    expect("signer-raw")
    assert signer.sign_many(["a", "b"])[0] == one
    assert signer.batch_module == 0
    expect("signer-lanes-relaxed")
    token, public_key = signer.sign_token({"sub": "alice"}, kid="k"), signer.public_key
with Signer.from_private_key(modules.signer(), key) as again:
    assert again.sign("a") == one
    expect()
with Verifier(modules.verifier()) as verifier:
    assert verifier.module_index == 0
    expect("verifier-lanes-relaxed")
    import base64
    x = base64.urlsafe_b64encode(public_key).rstrip(b"=").decode()
    keys = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]}
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    right, wrong = verify_tokens(verifier, [token, changed], keys)
    assert right == {"sub": "alice"}
    assert isinstance(wrong, TokenRefusal) and wrong.code == "SIGNATURE_INVALID", wrong
with Adder(modules.adder()) as adder:
    assert adder.add(2, 3) == 5
for name in modules.NAMES:
    assert modules.read(name).startswith(b"\0asm"), name
    modules.load(name)
PROGRAM
proves "a module is read when it is first used, once; a changed token is refused; each module loads by its name"

cat >"$work/empty/typed.py" <<'PROGRAM'
from typing import Any, assert_type

from everyhost_signer import Claims, Keys, PrivateKey, Signer, SignerError, TokenRefusal, Verifier, modules, verify_tokens


def use(pem: str, tokens: list[str]) -> None:
    with Keys(modules.keys()) as keys:
        key = assert_type(keys.read_private_key(pem), PrivateKey)
        assert_type(keys.write_private_key(key, "pem"), str)
        assert_type(keys.write_private_key(key, "der"), bytes)
        keys.write_private_key(key, "xml")  # type: ignore[call-overload]
    with Signer.from_private_key(modules.signer(), key, batch_modules=modules.signer_batches()) as signer:
        assert_type(signer.sign_many(["a", b"b"]), list[bytes])
        signer.sign(5)  # type: ignore[arg-type]
    with Verifier(modules.verifier()) as verifier:
        assert_type(verify_tokens(verifier, tokens, {}), list[dict[str, Any] | TokenRefusal])
    try:
        Signer("signer.wasm").public_key
    except SignerError as error:
        assert_type(error.code, str)


claims: Claims = {}
PROGRAM
(cd "$work/empty" && "$tools/mypy" --strict --no-error-summary --cache-dir "$work/mypy" --python-executable "$work/venv/bin/python" typed.py program1.py program2.py) ||
    fail "mypy --strict refuses a typed use"
proves "mypy --strict accepts a typed use and the README's programs, and refuses wrong types"
