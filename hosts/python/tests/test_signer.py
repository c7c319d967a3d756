"""What the vectors leave to be shown of the wrapper: they ask it for signatures, refusals and sessions."""

import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracle
import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MISMATCHED, PUBLIC_KEY, SEED, before_closing, built
from fake import fake_signer
from test_faulty import CALLS, outcome
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule, Message, ModuleError, Signer, SignerError
from everyhost_signer.codes import MEANING_OF_CODE

MIB = 1024 * 1024
TOO_LONG = bytes(16 * MIB + 1)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(SignerError) as raised:
        call()
    return raised.value.code


def test_signs_hello_as_the_book_does(signer: Signer) -> None:
    assert signer.sign("hello") == HELLO_SIGNATURE
    assert signer.sign_with(KEYPAIR, "hello") == HELLO_SIGNATURE
    assert signer.sign_many(["hello"]) == [HELLO_SIGNATURE]
    assert signer.public_key == PUBLIC_KEY
    assert signer.derive_public_key(SEED) == PUBLIC_KEY


def test_takes_a_module_as_path_bytes_or_compiled(signer_module: CompiledModule) -> None:
    path = built("signer-raw")
    for module in (path, str(path), path.read_bytes(), signer_module):
        with Signer(module, KEYPAIR) as signer:
            assert signer.sign("hello") == HELLO_SIGNATURE


def test_the_simd_build_signs_the_same() -> None:
    with Signer(built("signer-raw-simd"), KEYPAIR) as signer:
        assert signer.sign("hello") == HELLO_SIGNATURE
        assert signer.sign_many(["hello"] * 3) == [HELLO_SIGNATURE] * 3


def test_signers_of_one_compiled_module_are_apart(signer_module: CompiledModule) -> None:
    other = oracle.keypair(bytes(32))
    with Signer(signer_module, KEYPAIR) as one, Signer(signer_module, other) as two:
        assert one.sign("hello") == HELLO_SIGNATURE
        assert two.sign("hello") == oracle.sign(bytes(32), b"hello")
        one.wipe()
        assert two.sign("hello") == oracle.sign(bytes(32), b"hello")


@pytest.mark.parametrize("text", ["", "grüß dich", "שלום", "\N{GRINNING FACE}\0"])
def test_text_is_signed_as_utf_8(signer: Signer, text: str) -> None:
    expected = oracle.sign(SEED, text.encode("utf-8"))
    assert signer.sign(text) == expected
    assert signer.sign_with(KEYPAIR, text) == expected
    assert signer.sign_many([text]) == [expected]
    assert signer.verify(PUBLIC_KEY, text, expected)


@pytest.mark.parametrize(
    "message",
    [
        b"hello",
        bytearray(b"hello"),
        memoryview(b"hello"),
        memoryview(b"h-e-l-l-o")[::2],
        memoryview(array.array("B", b"hello")),
    ],
    ids=["bytes", "bytearray", "memoryview", "strided", "array"],
)
def test_bytes_of_every_kind_are_signed_as_they_are(signer: Signer, message: bytes) -> None:
    assert signer.sign(message) == HELLO_SIGNATURE
    assert signer.verify(bytearray(PUBLIC_KEY), message, memoryview(HELLO_SIGNATURE))


def test_what_is_no_message_is_a_type_error_and_changes_nothing(signer: Signer) -> None:
    for wrong in (5, None, [1, 2], 1.5):
        with pytest.raises(TypeError):
            signer.sign(wrong)  # type: ignore[arg-type]
    for one in ("hello", b"hello", bytearray(b"hello")):
        with pytest.raises(TypeError, match="for one, use sign"):
            signer.sign_many(one)  # type: ignore[arg-type]
    with pytest.raises(UnicodeEncodeError):
        signer.sign("\ud800")
    assert signer.sign("hello") == HELLO_SIGNATURE


def test_what_are_no_bytes_is_a_type_error_wherever_bytes_are_wanted(signer: Signer) -> None:
    scattered = memoryview(bytes(128))[::2]
    for wrong in ("x" * 32, "x" * 64, None, 64, [0] * 64, (0,) * 32, {}, object(), scattered):
        calls: list[Callable[[Any], object]] = [
            lambda wrong: signer.sign_with(wrong, "hello"),
            lambda wrong: signer.verify(wrong, "hello", HELLO_SIGNATURE),
            lambda wrong: signer.verify(PUBLIC_KEY, "hello", wrong),
            lambda wrong: signer.verify_strict(PUBLIC_KEY, "hello", wrong),
            signer.derive_public_key,
        ]
        for call in calls:
            with pytest.raises(TypeError):
                call(wrong)
        assert signer.sign("hello") == HELLO_SIGNATURE
        with pytest.raises(TypeError):
            signer.load_key(wrong)  # type: ignore[arg-type]
        assert code_of(lambda: signer.sign("hello")) == "NO_KEY"
        guest = signer._open_guest()
        guest.call("allocate_message", 0)
        assert guest.call("sign_loaded") == 2, "the module itself holds no key either"
        signer.load_key(KEYPAIR)


def test_a_subclass_is_signed_as_what_it_holds_and_not_as_it_says(signer: Signer) -> None:
    class Short(bytes):
        def __len__(self) -> int:
            return 1

    class Other(str):
        __slots__ = ()

        def encode(self, *_: object) -> bytes:
            return b"evil"

    messages: list[Message] = [Short(b"hello"), Other("hello")]
    for message in messages:
        assert signer.sign(message) == HELLO_SIGNATURE
        assert signer.sign_many([message]) == [HELLO_SIGNATURE]
        assert signer.sign_with(KEYPAIR, message) == HELLO_SIGNATURE
    assert code_of(lambda: signer.sign_with(Short(KEYPAIR[:63]), "hello")) == "KEY_LENGTH"


@pytest.mark.parametrize("name", ["signer-lanes", "signer-small", "signer-small-sign"])
def test_an_export_that_the_module_lacks_is_said(name: str) -> None:
    module = CompiledModule(built(name))
    with Signer(module, KEYPAIR) as signer:
        assert signer.sign_many([]) == []
        calls: dict[str, Callable[[], object]] = {
            "sign_batch": lambda: signer.sign_many(["hello"]),
            "verify": lambda: signer.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE),
            "verify_strict": lambda: signer.verify_strict(PUBLIC_KEY, "hello", HELLO_SIGNATURE),
        }
        lacking = [export for export in calls if module.type_of(export) is None]
        assert lacking
        before = signer._open_guest()
        assert [code_of(calls[export]) for export in lacking] == ["NO_EXPORT"] * len(lacking)
        assert signer._open_guest() is before, "nothing trapped"
        assert signer.sign("hello") == HELLO_SIGNATURE


@pytest.mark.parametrize("keypair", [b"", MISMATCHED])
def test_a_signer_that_is_not_made_leaves_no_instance(
    signer_module: CompiledModule, monkeypatch: pytest.MonkeyPatch, keypair: bytes
) -> None:
    closed = before_closing(monkeypatch, lambda guest: guest)
    with pytest.raises(SignerError):
        Signer(signer_module, keypair)
    assert len(closed) == 1


def test_a_message_may_have_16_mib_and_no_byte_more(signer: Signer) -> None:
    longest = TOO_LONG[:-1]
    assert signer.sign(longest) == oracle.sign(SEED, longest)
    assert signer.sign_with(KEYPAIR, longest) == oracle.sign(SEED, longest)
    assert code_of(lambda: signer.sign(TOO_LONG)) == "MESSAGE_TOO_LARGE"
    assert code_of(lambda: signer.sign_with(KEYPAIR, TOO_LONG)) == "MESSAGE_TOO_LARGE"
    assert code_of(lambda: signer.sign_many([b"", TOO_LONG])) == "MESSAGE_TOO_LARGE"
    assert code_of(lambda: signer.verify(PUBLIC_KEY, TOO_LONG, HELLO_SIGNATURE)) == "MESSAGE_TOO_LARGE"


def test_the_key_is_looked_at_first_then_the_message_then_the_signature(signer: Signer) -> None:
    assert code_of(lambda: signer.sign_with(b"", TOO_LONG)) == "KEY_LENGTH"
    assert code_of(lambda: signer.verify(b"", TOO_LONG, b"")) == "PUBLIC_KEY_LENGTH"
    assert code_of(lambda: signer.verify(PUBLIC_KEY, TOO_LONG, b"")) == "MESSAGE_TOO_LARGE"
    signer.wipe()
    assert code_of(lambda: signer.sign(TOO_LONG)) == "NO_KEY"
    assert code_of(lambda: signer.sign_many([TOO_LONG])) == "NO_KEY"


def test_without_a_key_it_verifies_and_derives(signer_module: CompiledModule) -> None:
    with Signer(signer_module) as signer:
        assert signer.verify(PUBLIC_KEY, "hello", HELLO_SIGNATURE)
        assert signer.derive_public_key(SEED) == PUBLIC_KEY
        assert signer.sign_with(KEYPAIR, "hello") == HELLO_SIGNATURE
        for call in (lambda: signer.sign("hello"), lambda: signer.sign_many([]), lambda: signer.public_key):
            assert code_of(call) == "NO_KEY"
        signer.load_key(KEYPAIR)
        assert signer.sign("hello") == HELLO_SIGNATURE


@pytest.mark.parametrize(
    ("keypair", "code"), [(b"", "KEY_LENGTH"), (KEYPAIR[:63], "KEY_LENGTH"), (MISMATCHED, "KEY_PAIR_MISMATCH")]
)
def test_after_a_refused_key_none_is_held(signer: Signer, keypair: bytes, code: str) -> None:
    assert code_of(lambda: signer.load_key(keypair)) == code
    assert code_of(lambda: signer.sign("hello")) == "NO_KEY"
    assert code_of(lambda: signer.public_key) == "NO_KEY"
    guest = signer._open_guest()
    guest.call("allocate_message", 0)
    assert guest.call("sign_loaded") == 2, "the module itself holds no key either"


def test_other_calls_leave_the_held_key(signer: Signer) -> None:
    other = oracle.keypair(bytes(32))
    signer.sign_with(other, "hello")
    signer.derive_public_key(bytes(32))
    signer.verify(other[32:], "hello", HELLO_SIGNATURE)
    assert signer.sign("hello") == HELLO_SIGNATURE
    assert signer.public_key == PUBLIC_KEY


def test_a_closed_signer_refuses_everything_but_closing(signer: Signer) -> None:
    signer.close()
    signer.close()
    for name, call in CALLS.items():
        if "wrong type" not in name and name not in {"batch_module", "close"}:
            assert outcome(lambda: call(signer)) == "CLOSED", name  # noqa: B023


def test_leaving_the_context_closes(signer_module: CompiledModule) -> None:
    with Signer(signer_module, KEYPAIR) as signer:
        pass
    assert code_of(lambda: signer.sign("hello")) == "CLOSED"


def test_its_text_shows_no_secret(signer: Signer) -> None:
    assert repr(signer) == f"<Signer public_key={PUBLIC_KEY.hex()}>"
    signer.wipe()
    assert repr(signer) == "<Signer public_key=none>"
    signer.close()
    assert repr(signer) == "<Signer closed>"


def test_errors_say_what_to_do() -> None:
    error = SignerError("CLOSED")
    assert isinstance(error, ModuleError)
    assert (error.code, str(error)) == ("CLOSED", f"CLOSED: {MEANING_OF_CODE['CLOSED']}")


def test_what_is_not_a_signer_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="these bytes: not a Wasm module"):
        Signer(b"(module)")
    with pytest.raises(ValueError, match="wasmtime cannot compile"):
        Signer(b"\0asm\1\0\0\0garbage")
    with pytest.raises(ValueError, match=r"does not export .*load_key"):
        Signer(bytes(wat2wasm('(module (func (export "sign")))')))
    with pytest.raises(ValueError, match=r"its export wipe should be \(\)->\(\) and is \(\?\)->\(\)"):
        Signer(fake_signer(wipe="(param v128)"))
    with pytest.raises(ValueError, match=r"needs imports.*: env\.now"):
        CompiledModule(bytes(wat2wasm('(module (import "env" "now" (func)))'))).instantiate()
    with pytest.raises(FileNotFoundError):
        Signer(tmp_path / "missing.wasm")
    with pytest.raises(ValueError, match="ABI has version 2, this wrapper is for version 1"):
        Signer(fake_signer(abi_version="i32.const 2"))


def test_a_module_that_breaks_its_contract_is_not_believed() -> None:
    with pytest.raises(RuntimeError, match="unknown status 99"):
        Signer(fake_signer(sign_loaded="i32.const 99"), KEYPAIR).sign("hello")
    with pytest.raises(IndexError, match="64 bytes at 65500"):
        Signer(fake_signer(get_signature_ptr="i32.const 65500"), KEYPAIR).sign("hello")
    # allocate_message says that there is no room: nothing is written, and the status says why
    no_room = Signer(fake_signer(allocate_message="i32.const 0", sign_loaded="i32.const 6"), KEYPAIR)
    assert code_of(lambda: no_room.sign("hello")) == "OUT_OF_MEMORY"
    assert code_of(lambda: no_room.sign_with(KEYPAIR, "hello")) == "OUT_OF_MEMORY"
