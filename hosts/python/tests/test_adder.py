"""Adding and dividing 32-bit integers."""

import pytest
from conftest import built
from hypothesis import given
from hypothesis import strategies as st

from everyhost_signer import Adder, AdderError, CompiledModule

MIN, MAX = -(2**31), 2**31 - 1
I32 = st.integers(MIN, MAX)


@given(a=I32, b=I32)
def test_any_pair_agrees_with_pythons_integers(adder_module: CompiledModule, a: int, b: int) -> None:
    with Adder(adder_module) as adder:
        assert (adder.add(a, b) - (a + b)) % 2**32 == 0
        if b != 0 and (a, b) != (MIN, -1):
            quotient = abs(a) // abs(b)
            assert adder.divide(a, b) == (quotient if (a < 0) == (b < 0) else -quotient)


@pytest.mark.parametrize("operand", [MAX + 1, MIN - 1, 2**32, 2**64])
def test_what_does_not_fit_is_refused_and_not_cut_down(adder_module: CompiledModule, operand: int) -> None:
    with Adder(adder_module) as adder:
        for a, b in ((operand, 1), (1, operand)):
            with pytest.raises(OverflowError, match="not a 32-bit signed integer"):
                adder.add(a, b)
            with pytest.raises(OverflowError):
                adder.divide(a, b)


def test_a_closed_adder_refuses(adder_module: CompiledModule) -> None:
    adder = Adder(adder_module)
    adder.close()
    adder.close()
    for call in (adder.add, adder.divide):
        with pytest.raises(AdderError, match="CLOSED"):
            call(1, 1)


def test_a_signer_is_no_adder() -> None:
    with pytest.raises(ValueError, match="does not export add_numbers, divide_numbers"):
        Adder(built("signer-raw"))
