"""The README's commands and their output."""

import re
import subprocess
import sys
from pathlib import Path

import jwt
import oracle
import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, PYTHON_HOST, SEED, built

EXAMPLE = PYTHON_HOST / "example.py"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, EXAMPLE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own file


def printed(output: str) -> dict[str, str]:
    lines = (re.split(r"  +", line, maxsplit=1) for line in output.splitlines())
    return {line[0]: line[1] for line in lines}


def test_the_readme_shows_what_the_example_prints() -> None:
    built("signer-raw")
    result = run()
    assert result.returncode == 0, result.stderr
    shown = re.search(
        r"```console\n\$ hosts/python/\.venv/bin/python hosts/python/example\.py\n(.*?)```",
        (PYTHON_HOST / "README.md").read_text(),
        re.DOTALL,
    )
    assert shown, "the README has no block for the example"
    assert result.stdout == shown[1]


def test_the_readmes_code_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built("signer-raw").parent)
    (code,) = re.findall(r"```python\n(.*?)```", (PYTHON_HOST / "README.md").read_text(), re.DOTALL)
    names = {"keypair": KEYPAIR, "messages": ["hello", b"hello"]}
    exec(code, names)  # noqa: S102 - our own README
    assert names["signature"] == HELLO_SIGNATURE
    assert names["signatures"] == [HELLO_SIGNATURE] * 2


def test_any_message_and_key_can_be_given(tmp_path: Path) -> None:
    seed = bytes(range(32))
    key_file = tmp_path / "key"
    key_file.write_text(oracle.keypair(seed).hex() + "\n")
    result = run("--message", "grüß dich", "--key-file", key_file)
    assert result.returncode == 0, result.stderr
    lines = printed(result.stdout)
    assert lines["public key"] == oracle.public_key(seed).hex()
    assert lines["signature"] == oracle.sign(seed, "grüß dich".encode()).hex()

    # By another way than the example's own: a key object in place of a JWK.
    assert jwt.decode(lines["JWT"], oracle.public(seed), algorithms=["EdDSA"]) == {"message": "grüß dich"}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(lines["JWT"], oracle.public(SEED), algorithms=["EdDSA"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot read 128 hex digits"),
        ("xyz", "cannot read 128 hex digits"),
        ("00", "KEY_LENGTH: a keypair must be 64 bytes long"),
        ("00" * 64, "KEY_PAIR_MISMATCH"),
    ],
)
def test_a_bad_key_gets_one_clear_line(tmp_path: Path, content: str | None, complaint: str) -> None:
    key_file = tmp_path / "key"
    if content is not None:
        key_file.write_text(content)
    result = run("--key-file", key_file)
    assert result.returncode != 0
    assert result.stdout == ""
    assert complaint in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_a_missing_module_names_the_command_that_builds_it(tmp_path: Path) -> None:
    result = run("--module", tmp_path / "none.wasm")
    assert result.returncode == 1
    assert re.fullmatch(r"example: .*none\.wasm is not there; build it with: make modules\n", result.stderr)
