"""Random keys and messages against pyca's cryptography, an implementation that has nothing in common with ours."""

import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyhost_signer import CompiledModule, Signer, SignerError

SEEDS = st.binary(min_size=32, max_size=32)
MESSAGES = st.binary(max_size=2000)
EXAMPLES = settings(max_examples=100, deadline=None)


@EXAMPLES
@given(seed=SEEDS, message=MESSAGES)
def test_signatures_are_the_oracles(signer_module: CompiledModule, seed: bytes, message: bytes) -> None:
    keypair = oracle.keypair(seed)
    expected = oracle.sign(seed, message)
    with Signer(signer_module, keypair) as signer:
        assert signer.derive_public_key(seed) == keypair[32:]
        assert signer.sign(message) == expected
        assert signer.sign_with(keypair, message) == expected
        assert signer.verify(keypair[32:], message, expected)
        assert signer.verify_strict(keypair[32:], message, expected)


@EXAMPLES
@given(seed=SEEDS, messages=st.lists(MESSAGES, max_size=40))
def test_batches_are_the_oracles(signer_module: CompiledModule, seed: bytes, messages: list[bytes]) -> None:
    with Signer(signer_module, oracle.keypair(seed)) as signer:
        assert signer.sign_many(messages) == [oracle.sign(seed, message) for message in messages]


@EXAMPLES
@given(seed=SEEDS, message=st.text(max_size=500))
def test_text_is_utf_8(signer_module: CompiledModule, seed: bytes, message: str) -> None:
    with Signer(signer_module, oracle.keypair(seed)) as signer:
        assert signer.sign(message) == oracle.sign(seed, message.encode("utf-8"))


@EXAMPLES
@given(seed=SEEDS, message=st.binary(min_size=1, max_size=500), data=st.data())
def test_a_flipped_bit_is_noticed(
    signer_module: CompiledModule, seed: bytes, message: bytes, data: st.DataObject
) -> None:
    signature = oracle.sign(seed, message)
    flipped_signature = data.draw(st.integers(0, 511).map(lambda bit: flip(signature, bit)))
    flipped_message = data.draw(st.integers(0, 8 * len(message) - 1).map(lambda bit: flip(message, bit)))
    public_key = oracle.public_key(seed)
    with Signer(signer_module) as signer:
        for verify in (signer.verify, signer.verify_strict):
            assert not verify(public_key, message, flipped_signature)
            assert not verify(public_key, flipped_message, signature)


@EXAMPLES
@given(seed=SEEDS, bit=st.integers(0, 255))
def test_a_flipped_bit_in_the_public_half_is_refused(signer_module: CompiledModule, seed: bytes, bit: int) -> None:
    with pytest.raises(SignerError, match="KEY_PAIR_MISMATCH"):
        Signer(signer_module, seed + flip(oracle.public_key(seed), bit))


@EXAMPLES
@given(public_key=SEEDS, message=MESSAGES, signature=st.binary(min_size=64, max_size=64))
def test_random_signatures_are_wrong(
    signer_module: CompiledModule, public_key: bytes, message: bytes, signature: bytes
) -> None:
    with Signer(signer_module) as signer:
        assert signer.verify(public_key, message, signature) == oracle.verifies(public_key, message, signature)


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
