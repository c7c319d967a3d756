//! A scalar as the sum of odd digits times powers of two.
//!
//! With only odd digits there is no digit 0, so every window adds one entry of its own table and nothing is left out or
//! decided by a digit.

use core::hint::black_box;

/// Bits of a digit, beside its sign.
pub(crate) const WIDTH: usize = 7;
/// Digits of a scalar below 1.5·L < 2^253 + 2^252, doubled and made odd.
pub(crate) const WINDOWS: usize = 253usize.div_ceil(WIDTH);
/// Scalars that are looked up together.
pub(crate) const LANES: usize = 16;

/// The digits of 16 scalars: window by window, lane by lane.
#[derive(Clone, Copy)]
pub(crate) struct Digits {
    /// Of a digit ±(2·j + 1): j, below 64.
    pub(crate) index: [[u8; LANES]; WINDOWS],
    /// All ones where the digit is negative.
    pub(crate) negative: [[u8; LANES]; WINDOWS],
}

/// The order of the base point, L, in words of 64 bits.
const ORDER: Words = [0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 0x1000_0000_0000_0000];

/// 2^(7·37) − 1 modulo L: all digits 1, halved and so on: see [`Digits::set`].
const ALL_ONES: Words = {
    let mut power = [1, 0, 0, 0];
    let mut bit = 0;
    while bit < WIDTH * WINDOWS {
        power = add(&power, &power, u64::MAX);
        if !is_below(&power, &ORDER) {
            power = sub(&power, &ORDER);
        }
        bit += 1;
    }
    sub(&power, &[1, 0, 0, 0])
};

/// What a scalar can be masked with. Digits come from half of a scalar, and half of this has neither 0 nor 127 in seven bits
/// anywhere: of a masked scalar every digit is another one, but for some of those that change modulo L.
const MASK: Words = [0xaaaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaaa, 0x0aaa_aaaa_aaaa_aaaa];

/// −[`MASK`] modulo L, as the bytes of a scalar.
pub(crate) const MINUS_MASK: [u8; 32] = {
    let words = sub(&ORDER, &MASK);
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = (words[at / 8] >> (8 * (at % 8))) as u8;
        at += 1;
    }
    bytes
};

/// [`ALL_ONES`] and the mask, modulo L.
const MASKED_ONES: Words = {
    let sum = add(&ALL_ONES, &MASK, u64::MAX);
    if is_below(&sum, &ORDER) { sum } else { sub(&sum, &ORDER) }
};

impl Digits {
    pub(crate) const ZERO: Self = Self { index: [[0; LANES]; WINDOWS], negative: [[0; LANES]; WINDOWS] };

    /// Writes the digits of `scalar`, which is below L, to a lane: scalar ≡ Σ digit\[w\]·2^(7·w) modulo L.
    ///
    /// With n = 7·37 and h = (scalar + 2^n − 1)/2 modulo L, scalar ≡ 2·h − (2^n − 1): every bit b of h counts as 2·b − 1,
    /// one or minus one, and seven of them together are an odd digit from −127 to 127.
    ///
    /// `MASKED` writes the digits of scalar + mask in the same way.
    pub(crate) fn set<const MASKED: bool>(&mut self, lane: usize, scalar: &[u8; 32]) {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(scalar.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        debug_assert!(is_below(&words, &ORDER));
        // Below 2·L; where that is odd, L more makes it even. Half of it is below 1.5·L < 2^253.
        let sum = if MASKED { add(&words, &MASKED_ONES, u64::MAX) } else { add(&words, &ALL_ONES, u64::MAX) };
        let odd = black_box(0u64.wrapping_sub(sum[0] & 1));
        let even = add(&sum, &ORDER, odd);
        let half =
            [even[0] >> 1 | even[1] << 63, even[1] >> 1 | even[2] << 63, even[2] >> 1 | even[3] << 63, even[3] >> 1];
        for window in 0..WINDOWS {
            let (word, shift) = (window * WIDTH / 64, window * WIDTH % 64);
            let mut bits = half[word] >> shift;
            if shift + WIDTH > 64 && word < 3 {
                bits |= half[word + 1] << (64 - shift);
            }
            let bits = bits & ((1 << WIDTH) - 1);
            // The highest of seven bits decides the sign: 64·1 is more than the others together.
            let negative = black_box((bits >> (WIDTH - 1)).wrapping_sub(1));
            self.negative[window][lane] = negative as u8;
            self.index[window][lane] = ((bits ^ negative) & ((1 << (WIDTH - 1)) - 1)) as u8;
        }
    }
}

type Words = [u64; 4];

/// a + (b & mask), modulo 2^256.
const fn add(a: &Words, b: &Words, mask: u64) -> Words {
    let mut sum = [0; 4];
    let mut carry = 0;
    let mut at = 0;
    while at < 4 {
        let (partial, first) = a[at].overflowing_add(b[at] & mask);
        let (whole, second) = partial.overflowing_add(carry);
        sum[at] = whole;
        // Opaque: with a constant b, LLVM makes a `select` between two sums of it.
        carry = black_box(first as u64 | second as u64);
        at += 1;
    }
    sum
}

/// a − b, modulo 2^256.
const fn sub(a: &Words, b: &Words) -> Words {
    let complement = [!b[0], !b[1], !b[2], !b[3]];
    add(&add(a, &complement, u64::MAX), &[1, 0, 0, 0], u64::MAX)
}

/// Whether a < b. Not for secrets: it stops at the first word that differs.
const fn is_below(a: &Words, b: &Words) -> bool {
    let mut at = 4;
    while at > 0 {
        at -= 1;
        if a[at] != b[at] {
            return a[at] < b[at];
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    fn number(words: &Words) -> BigInt {
        words.iter().rev().fold(BigInt::from(0), |sum, word| (sum << 64) + word)
    }

    fn order() -> BigInt {
        number(&ORDER)
    }

    fn check(scalar: BigInt) {
        let mut bytes = [0; 32];
        let little_endian = scalar.to_bytes_le().1;
        bytes[..little_endian.len()].copy_from_slice(&little_endian);
        let mut digits = Digits::ZERO;
        digits.set::<false>(5, &bytes);
        digits.set::<true>(6, &bytes);
        assert_eq!((sum(&digits, 5) - &scalar) % order(), BigInt::from(0));
        assert_eq!((sum(&digits, 6) - scalar - number(&MASK)) % order(), BigInt::from(0));
        let same = (0..WINDOWS).filter(|window| {
            let (index, negative) = (&digits.index[*window], &digits.negative[*window]);
            (index[5], negative[5]) == (index[6], negative[6])
        });
        // Modulo L, the lower half of the windows and the highest change in a way of their own.
        assert!(same.count() < 8);
    }

    /// Σ digit\[w\]·2^(7·w) of a lane.
    fn sum(digits: &Digits, lane: usize) -> BigInt {
        (0..WINDOWS).rev().fold(BigInt::from(0), |sum, window| {
            assert!(digits.index[window][lane] < 64);
            let digit = 2 * i64::from(digits.index[window][lane]) + 1;
            let negative = digits.negative[window][lane];
            assert!(negative == 0 || negative == u8::MAX);
            (sum << WIDTH) + if negative == 0 { digit } else { -digit }
        })
    }

    #[test]
    fn the_mask_and_its_opposite_are_nothing_together() {
        let opposite = BigInt::from_bytes_le(num_bigint::Sign::Plus, &MINUS_MASK);
        assert_eq!(opposite + number(&MASK), order());
    }

    #[test]
    fn edges_are_the_sum_of_their_digits() {
        for small in 0..300 {
            check(BigInt::from(small));
            check(order() - 1 - small);
        }
        for bit in 0..252 {
            check(BigInt::from(1) << bit);
            check((BigInt::from(1) << bit) - 1);
        }
    }

    proptest! {
        #[test]
        fn a_scalar_is_the_sum_of_its_digits(bytes: [u8; 32]) {
            check(BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes) % order());
        }
    }
}
