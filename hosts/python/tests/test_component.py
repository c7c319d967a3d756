from pathlib import Path

import pytest

from component import ComponentSigner, SignerComponent
from everyhost_signer import SignerError

MODULES = Path(__file__).parents[3] / "target/modules"
SOURCE = SignerComponent((MODULES / "signer-component.wasm").read_bytes())
PUBLIC_KEY = ComponentSigner(SOURCE).derive_public_key(bytes(32))
KEYPAIR = bytes(32) + PUBLIC_KEY
MIXED = KEYPAIR[:-1] + b"x"


def test_it_signs_and_verifies() -> None:
    with ComponentSigner(SOURCE, KEYPAIR) as signer:
        signature = signer.sign(b"hello")
        assert signer.sign_many([b"hello", b""]) == [signature, signer.sign(b"")]
        assert signer.verify_strict(signer.public_key, b"hello", signature)
        assert not signer.verify(PUBLIC_KEY, b"Hello", signature)
    with pytest.raises(SignerError, match=r"^CLOSED"):
        signer.sign(b"hello")


def test_after_a_trap_a_new_instance_has_the_key() -> None:
    with ComponentSigner(SOURCE, KEYPAIR) as signer:
        signature = signer.sign(b"hello")
        with pytest.raises(SignerError, match=r"^TRAPPED"):
            signer.sign_with(MIXED, b"hello")
        assert signer.sign(b"hello") == signature


def test_errors_are_codes_and_a_refused_key_is_not_held() -> None:
    with ComponentSigner(SOURCE, KEYPAIR) as signer:
        with pytest.raises(SignerError, match=r"^KEY_PAIR_MISMATCH"):
            signer.load_key(MIXED)
        with pytest.raises(SignerError, match=r"^NO_KEY"):
            signer.sign(bytes((16 << 20) + 1))


def test_the_key_comes_before_a_message_that_is_too_large() -> None:
    large = bytes((16 << 20) + 1)
    with ComponentSigner(SOURCE, KEYPAIR) as signer:
        with pytest.raises(SignerError, match=r"^MESSAGE_TOO_LARGE"):
            signer.sign_many([b"", large])
        with pytest.raises(SignerError, match=r"^PUBLIC_KEY_LENGTH"):
            signer.verify(b"", large, b"")


def test_what_is_no_component_is_refused() -> None:
    for wasm in (b"\0asm\x0d\0\x01\0\xff", b""):
        with pytest.raises(ValueError, match="component"):
            SignerComponent(wasm)
    assert not SignerComponent(b"\0asm\x0d\0\x01\0").is_signer
    assert SOURCE.is_signer
