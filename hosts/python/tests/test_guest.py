"""Linear memory: unsigned pointers, bounds, growth, and what is left of an instance."""

import oracle
import pytest
from conftest import SEED
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule, Signer
from everyhost_signer.guest import Guest, GuestTrap, unsigned

PAGE = 65536


def guest_of(text: str) -> Guest:
    return CompiledModule(bytes(wat2wasm(text))).instantiate()


@pytest.mark.parametrize(
    ("seen", "meant"),
    [(0, 0), (1, 1), (2**31 - 1, 2**31 - 1), (-(2**31), 2**31), (-1, 2**32 - 1), (2**31, 2**31)],
)
def test_a_pointer_is_unsigned(seen: int, meant: int) -> None:
    assert unsigned(seen) == meant


def test_a_pointer_over_2_gib_works() -> None:
    guest = guest_of(f"""(module (memory (export "memory") {2**31 // PAGE + 1})
        (func (export "high") (result i32) i32.const 0x80000000)
        (func (export "load") (param i32) (result i32) local.get 0 i32.load))""")
    function = guest.function("high")
    assert function is not None
    assert guest.invoke(function) == -(2**31), "wasmtime shows it as negative"

    high = guest.call("high")
    assert high == 2**31
    guest.write(high, b"\1\2\3\4")
    assert guest.read(high, 4) == b"\1\2\3\4"
    assert guest.read(-(2**31), 4) == b"\1\2\3\4", "also where it was not masked before"
    assert guest.call("load", high) == 0x04030201
    guest.close()


@pytest.mark.parametrize("ptr", [PAGE - 3, PAGE, PAGE + 1, 2**31, 2**32 - 1, -1, -PAGE])
def test_out_of_bounds_is_an_error_and_not_fewer_bytes(ptr: int) -> None:
    guest = guest_of('(module (memory (export "memory") 1))')
    with pytest.raises(IndexError, match="not in a linear memory of 65536 bytes"):
        guest.read(ptr, 4)
    with pytest.raises(IndexError):
        guest.write(ptr, b"abcd")
    assert guest.read(0, PAGE) == bytes(PAGE), "nothing was written"


def test_the_last_byte_and_the_empty_end_are_in_bounds() -> None:
    guest = guest_of('(module (memory (export "memory") 1))')
    guest.write(PAGE - 1, b"x")
    assert guest.read(PAGE - 1, 1) == b"x"
    assert guest.read(PAGE, 0) == b""
    guest.write(PAGE, b"")


def test_a_module_without_memory_has_none_of_it() -> None:
    guest = guest_of("(module)")
    assert guest.memory_len() == 0
    with pytest.raises(IndexError):
        guest.read(0, 1)
    guest.discard()


def test_memory_is_looked_at_anew_after_it_grew() -> None:
    guest = guest_of("""(module (memory (export "memory") 1 2000)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))""")
    guest.write(0, b"before")
    with pytest.raises(IndexError):
        guest.read(PAGE, 1)
    assert guest.call("grow", 1999) == 1
    assert guest.memory_len() == 2000 * PAGE
    assert guest.read(0, 6) == b"before"
    guest.write(2000 * PAGE - 5, b"after")
    assert guest.read(2000 * PAGE - 5, 5) == b"after"


def test_signing_goes_on_over_growth(signer: Signer) -> None:
    lengths = []
    for length in (0, 1, 3_000_000, 10, 9_000_000, 16 * 1024 * 1024):
        message = bytes([length % 251]) * length
        assert signer.sign(message) == oracle.sign(SEED, message)
        lengths.append(signer._open_guest().memory_len())
    assert lengths == sorted(lengths)
    assert lengths[-1] > lengths[0] + 16 * 1024 * 1024 - PAGE, "memory did grow in between"


def test_a_trap_and_a_missing_export_are_told_apart() -> None:
    guest = guest_of('(module (func (export "boom") unreachable) (global (export "g") i32 (i32.const 0)))')
    for missing in ("nothing", "g"):
        with pytest.raises(LookupError):
            guest.call(missing)
    with pytest.raises(GuestTrap, match="unreachable"):
        guest.call("boom")


def test_a_start_function_that_traps_is_a_trap() -> None:
    with pytest.raises(GuestTrap):
        guest_of("(module (func $start unreachable) (start $start))")
