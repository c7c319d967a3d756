"""The modules by name. test-package.sh tries them as they are in the package."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MODULES, PUBLIC_KEY, built

from everyhost_signer import Adder, CompiledModule, Keys, Signer, Verifier, modules


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """As if the package had been installed."""
    (tmp_path / "wasm").symlink_to(MODULES)
    monkeypatch.setattr(modules, "files", lambda _package: tmp_path)
    modules.load.cache_clear()
    yield
    modules.load.cache_clear()


@pytest.mark.usefixtures("packaged")
def test_each_is_there_compiled_once_and_only_if_it_is_used() -> None:
    with Signer(modules.signer(), KEYPAIR, batch_modules=modules.signer_batches()) as signer:
        assert modules.load.cache_info().currsize == 1
        assert signer.sign_many(["hello"] * 2) == [HELLO_SIGNATURE] * 2
        assert (signer.batch_module, modules.load.cache_info().currsize) == (0, 2)
    with Verifier(modules.verifier()) as verifier:
        assert verifier.verify_many([(PUBLIC_KEY, "hello", HELLO_SIGNATURE)]) == [True]
        assert (verifier.module_index, modules.load.cache_info().currsize) == (0, 3)
    assert modules.signer() is modules.signer()
    with Adder(modules.adder()) as adder:
        assert adder.add(2, 3) == 5
    Keys(modules.keys()).close()
    for name in modules.NAMES:
        assert modules.load(name).sha256 == CompiledModule(built(name)).sha256


def test_a_name_that_is_none_and_a_copy_without_modules_say_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"there is no module '\.\./py\.typed'; there are signer-raw, "):
        modules.read("../py.typed")
    with pytest.raises(FileNotFoundError, match="install the package, or pass the path"):
        modules.signer()
