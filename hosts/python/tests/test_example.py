"""The README's code. hosts/examples.json has what the example prints."""

import re

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, PUBLIC_KEY, PYTHON_HOST, built
from test_keys import PEM
from test_tokens import GOOD, ONE


def test_the_readmes_code_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(built("signer-raw").parent)
    programs = re.findall(r"```python\n(.*?)```", (PYTHON_HOST / "README.md").read_text(), re.DOTALL)
    names = {
        "keypair": KEYPAIR,
        "public_key": PUBLIC_KEY,
        "messages": ["hello", b"hello"],
        "tokens": [GOOD["token"], "a.b"],
        "jwks": ONE,
        "pem": PEM,
    }
    for code in programs:
        exec(code, names)  # noqa: S102 - our own README
    assert len(programs) == 4
    assert capsys.readouterr().out == "alice\nMALFORMED it is not three parts of base64url without padding\n"
    assert names["signature"] == HELLO_SIGNATURE
    assert names["signatures"] == [HELLO_SIGNATURE] * 2
