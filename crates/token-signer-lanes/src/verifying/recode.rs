//! A scalar as a sum of signed digits. For public scalars: digits may be zero, and time may vary.

/// The digits of a scalar below 2^253: scalar = Σ digit\[w\]·2^(WIDTH·w), each digit from −2^(WIDTH − 1) to 2^(WIDTH − 1).
///
/// They add up to the scalar itself, not to another one modulo L: a public key may have a part of small order, which L times
/// the key doesn't take away.
#[inline(never)]
pub(crate) fn recode<const WIDTH: usize, const WINDOWS: usize>(scalar: &[u8; 32]) -> [i8; WINDOWS] {
    const { assert!(WIDTH >= 2 && WIDTH <= 7 && WIDTH * WINDOWS >= 254) };
    debug_assert!(scalar[31] < 1 << 5);
    let mut digits = [0; WINDOWS];
    let mut carry = 0;
    for (window, digit) in digits.iter_mut().enumerate() {
        let (byte, shift) = (window * WIDTH / 8, window * WIDTH % 8);
        let at = |byte: usize| i32::from(scalar.get(byte).copied().unwrap_or(0));
        let bits = ((at(byte) | at(byte + 1) << 8) >> shift & ((1 << WIDTH) - 1)) + carry;
        carry = i32::from(bits > 1 << (WIDTH - 1));
        *digit = (bits - (carry << WIDTH)) as i8;
    }
    debug_assert!(carry == 0);
    digits
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    fn check<const WIDTH: usize, const WINDOWS: usize>(scalar: &[u8; 32]) {
        let sum = recode::<WIDTH, WINDOWS>(scalar).iter().rev().fold(BigInt::from(0), |sum, digit| {
            assert!(digit.unsigned_abs() <= 1 << (WIDTH - 1));
            (sum << WIDTH) + *digit
        });
        assert_eq!(sum, BigInt::from_bytes_le(num_bigint::Sign::Plus, scalar));
    }

    fn check_all(mut scalar: [u8; 32]) {
        scalar[31] &= 0x1f;
        check::<7, 37>(&scalar);
        check::<6, 43>(&scalar);
        check::<5, 51>(&scalar);
        check::<4, 64>(&scalar);
    }

    #[test]
    fn edges_are_the_sum_of_their_digits() {
        check_all([0; 32]);
        check_all([0xff; 32]);
        for bit in 0..253 {
            let mut scalar = [0; 32];
            scalar[bit / 8] = 1 << (bit % 8);
            check_all(scalar);
            check_all(scalar.map(|byte| !byte));
        }
    }

    proptest! {
        #[test]
        fn a_scalar_is_the_sum_of_its_digits(scalar: [u8; 32]) {
            check_all(scalar);
        }
    }
}
