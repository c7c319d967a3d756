"""Whatever is installed from PyPI is pinned by hash, on every host."""

import re
from pathlib import Path

import pytest
from conftest import PYTHON_HOST

WORKSPACE = PYTHON_HOST.parents[1]
SCRIPTS = [*WORKSPACE.glob("hosts/*/*.sh"), *WORKSPACE.glob("crates/**/*.sh")]


def test_pip_checks_hashes_wherever_it_is_called() -> None:
    calls = [line for path in SCRIPTS for line in path.read_text().splitlines() if re.search(r"\bpip install\b", line)]
    assert len(calls) >= 4, "the scripts are not where this test looks"
    assert [line for line in calls if "--require-hashes --requirement requirements.txt" not in line] == []


@pytest.mark.parametrize("path", [*WORKSPACE.glob("hosts/*/requirements*.txt")], ids=lambda path: path.parent.name)
def test_every_requirement_is_an_exact_version_with_hashes_and_from_nowhere_in_particular(path: Path) -> None:
    lines = [
        line for line in path.read_text().replace("\\\n", " ").splitlines() if line.strip() and line[0] not in " #"
    ]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+( +--hash=sha256:[0-9a-f]{64})+ *", line)
