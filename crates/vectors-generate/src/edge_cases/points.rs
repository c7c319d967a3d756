//! The points that the edge cases are made of, and every way to write them in 32 bytes.

use std::sync::LazyLock;

use num_bigint::BigUint;
use sha2::{Digest, Sha512};

use ed25519_reference::{ORDER, P, Point, decode, encode, times_base, to_32_bytes};

/// A point `scalar`·B + `torsion`·T in one of its spellings, where T has order 8.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    /// For ids.
    pub(super) name: String,
    /// In words, for comments.
    pub(super) words: String,
    pub(super) bytes: [u8; 32],
    /// Below the group order; 0 for a point of small order.
    pub(super) scalar: BigUint,
    /// 0 to 7.
    pub(super) torsion: u8,
}

/// The 14 spellings of the 8 points of small order. Those after the first 8 are not canonical: y is not below p, or x is
/// 0 and its sign bit set.
pub(super) fn small_order() -> Vec<Spelling> {
    let spelling = |name: String, words: String, bytes: [u8; 32], torsion: u8| Spelling {
        name,
        words,
        bytes,
        scalar: BigUint::ZERO,
        torsion,
    };
    let canonical = (0..8).map(|torsion| {
        let words = format!("{torsion}T, of order {}", order_of(torsion));
        spelling(format!("t{torsion}"), words, encode(&times_t(torsion)), torsion)
    });
    let odd = non_canonical().into_iter().filter_map(|Odd { name, words, bytes }| {
        let encoded = encode(&decode(&bytes)?);
        let torsion = (0..8).find(|torsion| encode(&times_t(*torsion)) == encoded)?;
        Some(spelling(
            format!("t{torsion}-{name}"),
            format!("{torsion}T, of order {}, spelt with {words}", order_of(torsion)),
            bytes,
            torsion,
        ))
    });
    canonical.chain(odd).collect()
}

/// A way to write a point that is not the one of RFC 8032.
pub(super) struct Odd {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) bytes: [u8; 32],
}

/// The spellings of points of large order whose y is not below p. Nobody knows their discrete logarithms.
pub(super) fn large_non_canonical() -> Vec<Odd> {
    let is_large = |odd: &Odd| decode(&odd.bytes).is_some_and(|point| !point.has_small_order());
    non_canonical().into_iter().filter(is_large).collect()
}

/// Every way to write a point that encoding it does not give: y + p for a y below 19, as 255 bits hold no more, and the
/// sign bit on x = 0, which only y = 1 and y = −1 have.
fn non_canonical() -> Vec<Odd> {
    let over_p = (0..19u8).flat_map(|y| {
        [false, true].map(|sign| Odd {
            name: format!("y{y}-plus-p{}", if sign { "-signed" } else { "" }),
            words: format!("y = {y} + p{}", if sign { " and the sign bit" } else { "" }),
            bytes: with_sign(to_32_bytes(&(&*P + y)), sign),
        })
    });
    let one = BigUint::from(1u8);
    let signed_zero = [("y1", "1", one.clone()), ("y-minus-1", "−1", &*P - one)].map(|(name, words, y)| Odd {
        name: format!("{name}-signed"),
        words: format!("y = {words} and the sign bit on x = 0"),
        bytes: with_sign(to_32_bytes(&y), true),
    });
    let spelt = over_p.chain(signed_zero);
    spelt.filter(|odd| decode(&odd.bytes).is_some()).collect()
}

fn with_sign(mut bytes: [u8; 32], sign: bool) -> [u8; 32] {
    bytes[31] |= u8::from(sign) << 7;
    bytes
}

/// `log`·B + `torsion`·T, canonically spelt. `log` is a name that a scalar is made of.
pub(super) fn large(log: &str, torsion: u8) -> Spelling {
    let scalar = scalar(log);
    let bytes = encode(&times_base(&scalar).plus(&times_t(torsion)));
    let (name, words) = match torsion {
        0 => ("plain".to_owned(), format!("{log}·B")),
        _ => (format!("mixed-t{torsion}"), format!("{log}·B + {torsion}T")),
    };
    Spelling { name, words, bytes, scalar, torsion }
}

/// A number below the group order, the same each time.
pub(super) fn scalar(name: &str) -> BigUint {
    let hash = Sha512::digest(format!("everyhost edge cases: {name}"));
    BigUint::from_bytes_le(&hash) % &*ORDER
}

/// `torsion`·T.
pub(super) fn times_t(torsion: u8) -> Point {
    T.times(&torsion.into())
}

fn order_of(torsion: u8) -> u8 {
    match torsion {
        0 => 1,
        4 => 2,
        2 | 6 => 4,
        _ => 8,
    }
}

/// A point of order 8: L·P for the first y from 2 whose point P gives one.
static T: LazyLock<Point> = LazyLock::new(|| {
    let neutral = encode(&Point::neutral());
    (2..=u8::MAX)
        .filter_map(|y| decode(&to_32_bytes(&y.into())))
        .map(|point| point.times(&ORDER))
        .find(|point| encode(&point.times(&4u8.into())) != neutral)
        .expect("half of all points of the curve have an order that 8 divides")
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_eight_points_of_small_order_and_fourteen_spellings() {
        let spellings = small_order();
        let bytes: BTreeSet<[u8; 32]> = spellings.iter().map(|spelling| spelling.bytes).collect();
        assert_eq!((spellings.len(), bytes.len()), (14, 14));
        for spelling in &spellings {
            let point = decode(&spelling.bytes).unwrap();
            assert!(point.has_small_order(), "{}", spelling.name);
            assert_eq!(encode(&point), encode(&times_t(spelling.torsion)), "{}", spelling.name);
        }
        let odd = spellings.iter().filter(|spelling| encode(&times_t(spelling.torsion)) != spelling.bytes);
        assert_eq!(odd.count(), 6);
    }

    #[test]
    fn t_has_order_eight() {
        let neutral = encode(&Point::neutral());
        assert_ne!(encode(&times_t(4)), neutral);
        assert_eq!(encode(&times_t(4).plus(&times_t(4))), neutral);
        // Both are widely printed as points of order 8.
        let printed = [
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ];
        let of_order_8: Vec<String> = [1, 3, 5, 7].map(|n| hex::encode(encode(&times_t(n)))).to_vec();
        assert!(printed.iter().all(|point| of_order_8.contains(&(*point).to_owned())), "{of_order_8:?}");
    }

    #[test]
    fn twenty_spellings_of_large_points_are_not_canonical() {
        assert_eq!((non_canonical().len(), large_non_canonical().len()), (26, 20));
    }
}
