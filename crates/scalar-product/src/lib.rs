//! a·b + c of scalars, for signers whose bytes and microseconds are counted.
//!
//! `Scalar`'s own `*` and `+` are Montgomery's multiplication, twice, and code to pack and unpack: 3 KB of it. A signer has
//! to reduce hashes of 64 bytes anyway; so this multiplies plain integers and lets the same code reduce the result.

#![no_std]

use curve25519_dalek::Scalar;

/// `a`·`b` + `c` modulo the group's order, in constant time.
#[must_use]
pub fn multiply_add(a: &Scalar, b: &Scalar, c: &Scalar) -> Scalar {
    multiply_add_bytes(a.as_bytes(), b.as_bytes(), c.as_bytes())
}

/// The same of any integers of 32 bytes.
#[must_use]
pub fn multiply_add_bytes(a: &[u8; 32], b: &[u8; 32], c: &[u8; 32]) -> Scalar {
    let (a, b, c) = (words(a), words(b), words(c));
    // At most (2^256 - 1)² + 2^256 - 1, which is under 2^512.
    let mut sum = [0; 16];
    sum[..8].copy_from_slice(&c);
    for (i, a) in a.into_iter().enumerate() {
        let mut carry = 0;
        for (j, b) in b.into_iter().enumerate() {
            // At most (2^32 - 1)² + 2·(2^32 - 1), which is 2^64 - 1.
            let step = u64::from(a) * u64::from(b) + u64::from(sum[i + j]) + carry;
            sum[i + j] = step as u32;
            carry = step >> 32;
        }
        sum[i + 8] = carry as u32;
    }
    let mut bytes = [0; 64];
    for (bytes, word) in bytes.chunks_exact_mut(4).zip(sum) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    Scalar::from_bytes_mod_order_wide(&bytes)
}

/// An integer in words of 32 bits, the lowest first.
fn words(bytes: &[u8; 32]) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn multiplies_and_adds_as_dalek_does(bytes in any::<[[u8; 32]; 3]>()) {
            let [a, b, c] = bytes.map(Scalar::from_bytes_mod_order);
            prop_assert_eq!(multiply_add(&a, &b, &c), a * b + c);
        }
    }

    #[test]
    fn multiplies_and_adds_at_the_corners() {
        let corners =
            [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(u64::from(u32::MAX)), Scalar::from(u64::MAX)];
        for a in corners {
            for b in corners {
                for c in corners {
                    assert_eq!(multiply_add(&a, &b, &c), a * b + c, "{a:?} * {b:?} + {c:?}");
                }
            }
        }
    }
}
