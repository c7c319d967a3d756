//! A scalar as a sum of signed digits. For public scalars: digits may be zero, and time may vary.

/// The digits of a scalar: scalar = Σ digit\[w\]·2^(width·w), each digit from −2^(width − 1) to 2^(width − 1) − 1. So many digits as
/// there are must have room for one bit more than the scalar has.
///
/// They add up to the scalar itself, not to another one modulo L: a public key may have a part of small order, which L times
/// the key doesn't take away.
#[inline(never)]
pub(crate) fn recode(width: usize, scalar: &[u8; 32], digits: &mut [i8]) {
    let mut carry = 0;
    for (window, digit) in digits.iter_mut().enumerate() {
        let (byte, shift) = (window * width / 8, window * width % 8);
        let at = |byte: usize| i32::from(scalar.get(byte).copied().unwrap_or(0));
        let bits = ((at(byte) | at(byte + 1) << 8) >> shift & ((1 << width) - 1)) + carry;
        carry = bits >> (width - 1) & 1 | bits >> width;
        *digit = (bits - (carry << width)) as i8;
    }
    debug_assert!(carry == 0);
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    fn check(width: usize, count: usize, scalar: &[u8; 32]) {
        let mut digits = [0; 128];
        recode(width, scalar, &mut digits[..count]);
        let sum = digits[..count].iter().rev().fold(BigInt::from(0), |sum, digit| {
            assert!(digit.unsigned_abs() <= 1 << (width - 1));
            (sum << width) + *digit
        });
        assert_eq!(sum, BigInt::from_bytes_le(num_bigint::Sign::Plus, scalar));
    }

    fn check_all(mut scalar: [u8; 32]) {
        scalar[31] &= 0x1f;
        check(8, 32, &scalar);
        check(7, 37, &scalar);
        check(5, 51, &scalar);
        check(4, 64, &scalar);
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
