//! Ed25519 (RFC 8032, section 5.1) on plain integers: slow, not constant-time, written to be read beside the
//! RFC. It shares no code with the signer, so that the signer's library never judges itself. For tests and for
//! making vectors only: never use it with a real key.

use std::sync::LazyLock;

use num_bigint::BigUint;
use sha2::{Digest, Sha512};

/// A secret key after the hashing of RFC 8032, section 5.1.5, with its public key.
#[derive(Clone)]
pub struct Key {
    seed: [u8; 32],
    scalar: BigUint,
    prefix: [u8; 32],
    public_key: [u8; 32],
}

impl Key {
    /// RFC 8032, section 5.1.5.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let hash: [u8; 64] = Sha512::digest(seed).into();
        let (lower, upper) = hash.split_at(32);
        let mut scalar: [u8; 32] = array(lower);
        scalar[0] &= 0b1111_1000;
        scalar[31] &= 0b0111_1111;
        scalar[31] |= 0b0100_0000;
        let scalar = BigUint::from_bytes_le(&scalar);
        let public_key = encode(&times_base(&scalar));
        Self { seed: *seed, scalar, prefix: array(upper), public_key }
    }

    /// 32 bytes, as it was given.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.seed
    }

    /// 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.public_key
    }

    /// The seed, then the public key.
    #[must_use]
    pub fn keypair(&self) -> [u8; 64] {
        joined(&self.seed, &self.public_key)
    }

    /// RFC 8032, section 5.1.6: R, then S.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let nonce = hash_to_integer(&[&self.prefix, message]) % &*ORDER;
        let r = encode(&times_base(&nonce));
        let challenge = hash_to_integer(&[&r, &self.public_key, message]);
        let s = (nonce + challenge * &self.scalar) % &*ORDER;
        joined(&r, &to_32_bytes(&s))
    }
}

/// The equation without a cofactor: S is below the order, the public key decodes, and the encoding of
/// S·B − k·A is the very bytes of R. k is reduced modulo the order first, as every library does; the RFC leaves
/// that open, and it makes a difference where the public key is not a multiple of the base point.
#[must_use]
pub fn verify(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (r, s) = signature.split_at(32);
    let s = BigUint::from_bytes_le(s);
    let Some(a) = decode(public_key) else { return false };
    let challenge = hash_to_integer(&[r, public_key, message]) % &*ORDER;
    s < *ORDER && encode(&times_base(&s).plus(&a.negated().times(&challenge))) == r
}

/// As [`verify`]; besides, R must decode, and neither R nor the public key may have small order.
#[must_use]
pub fn verify_strict(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let has_large_order = |encoded: &[u8]| decode(&array(encoded)).is_some_and(|point| !point.has_small_order());
    has_large_order(&signature[..32]) && has_large_order(public_key) && verify(public_key, message, signature)
}

/// Whether 32 bytes are the encoding of a point, by the rules of [`verify`].
#[must_use]
pub fn is_point(encoded: &[u8; 32]) -> bool {
    decode(encoded).is_some()
}

/// The order of the base point, L, as 32 little-endian bytes.
#[must_use]
pub fn order() -> [u8; 32] {
    to_32_bytes(&ORDER)
}

/// p = 2^255 − 19: coordinates are integers modulo p.
pub static P: LazyLock<BigUint> = LazyLock::new(|| (BigUint::from(1u8) << 255u32) - 19u8);

/// L = 2^252 + 27742317777372353535851937790883648493: the order of the base point.
pub static ORDER: LazyLock<BigUint> =
    LazyLock::new(|| (BigUint::from(1u8) << 252u32) + 27_742_317_777_372_353_535_851_937_790_883_648_493u128);

/// d = −121665/121666, of the curve −x² + y² = 1 + d·x²·y².
static D: LazyLock<BigUint> = LazyLock::new(|| (&*P - 121_665u32) * inverse(&BigUint::from(121_666u32)) % &*P);

/// A square root of −1: 2^((p−1)/4).
static ROOT_OF_MINUS_ONE: LazyLock<BigUint> = LazyLock::new(|| BigUint::from(2u8).modpow(&((&*P - 1u8) >> 2u32), &P));

/// B: the point with y = 4/5 and an even x.
static BASE: LazyLock<Point> = LazyLock::new(|| {
    let y = 4u8 * inverse(&BigUint::from(5u8)) % &*P;
    let x = x_of(&y, false).expect("the base point is on the curve");
    Point::new(x, y)
});

/// B, 2·B, 4·B, …: one for each bit of a scalar, so that multiples of the base point need no doubling.
static BASE_DOUBLED: LazyLock<Vec<Point>> = LazyLock::new(|| {
    let doubled = std::iter::successors(Some(BASE.clone()), |point| Some(point.plus(point)));
    doubled.take(256).collect()
});

/// A point of the curve in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032, section 5.1.4).
#[derive(Clone)]
pub struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
    t: BigUint,
}

impl Point {
    fn new(x: BigUint, y: BigUint) -> Self {
        let t = &x * &y % &*P;
        Self { x, y, z: 1u8.into(), t }
    }

    /// (0, 1), which changes nothing when added.
    pub fn neutral() -> Self {
        Self::new(0u8.into(), 1u8.into())
    }

    /// The sum, by the formulas of RFC 8032, section 5.1.4. They hold for equal points too.
    pub fn plus(&self, other: &Self) -> Self {
        let a = minus(&self.y, &self.x) * minus(&other.y, &other.x) % &*P;
        let b = (&self.y + &self.x) * (&other.y + &other.x) % &*P;
        let c = (&self.t * &other.t % &*P) * (2u8 * &*D) % &*P;
        let d = &self.z * 2u8 * &other.z % &*P;
        let (e, f, g, h) = (minus(&b, &a), minus(&d, &c), d + c, b + a);
        Self { x: &e * &f % &*P, y: &g * &h % &*P, t: e * h % &*P, z: f * g % &*P }
    }

    /// −P.
    pub fn negated(&self) -> Self {
        let zero = BigUint::ZERO;
        Self { x: minus(&zero, &self.x), y: self.y.clone(), z: self.z.clone(), t: minus(&zero, &self.t) }
    }

    /// `scalar` times this point, by doubling and adding.
    pub fn times(&self, scalar: &BigUint) -> Self {
        (0..scalar.bits()).rev().fold(Self::neutral(), |sum, bit| {
            let doubled = sum.plus(&sum);
            if scalar.bit(bit) { doubled.plus(self) } else { doubled }
        })
    }

    /// Whether eight times the point is the neutral one.
    pub fn has_small_order(&self) -> bool {
        encode(&self.times(&8u8.into())) == encode(&Self::neutral())
    }
}

/// `scalar`, of at most 256 bits, times the base point.
pub fn times_base(scalar: &BigUint) -> Point {
    let bits = BASE_DOUBLED.iter().zip(0..);
    bits.filter(|(_, bit)| scalar.bit(*bit)).fold(Point::neutral(), |sum, (point, _)| sum.plus(point))
}

/// y as 255 bits, little-endian, and the lowest bit of x above it (RFC 8032, section 5.1.2).
pub fn encode(point: &Point) -> [u8; 32] {
    let one_over_z = inverse(&point.z);
    let x = &point.x * &one_over_z % &*P;
    let y = &point.y * &one_over_z % &*P;
    let mut encoded = to_32_bytes(&y);
    encoded[31] |= u8::from(x.bit(0)) << 7;
    encoded
}

/// RFC 8032, section 5.1.3, but as most libraries have it: y is reduced modulo p instead of refused, and so
/// is x = 0 with the sign bit set taken for x = 0.
pub fn decode(encoded: &[u8; 32]) -> Option<Point> {
    let mut y = *encoded;
    let x_is_odd = y[31] >> 7 == 1;
    y[31] &= 0b0111_1111;
    let y = BigUint::from_bytes_le(&y) % &*P;
    Some(Point::new(x_of(&y, x_is_odd)?, y))
}

/// The x that belongs to y: a root of (y² − 1) / (d·y² + 1), if there is one.
fn x_of(y: &BigUint, x_is_odd: bool) -> Option<BigUint> {
    let y_squared = y * y % &*P;
    let square = minus(&y_squared, &1u8.into()) * inverse(&(&*D * &y_squared + 1u8)) % &*P;
    let candidate = square.modpow(&((&*P + 3u8) >> 3u32), &P);
    let root = [candidate.clone(), candidate * &*ROOT_OF_MINUS_ONE % &*P]
        .into_iter()
        .find(|root| root * root % &*P == square)?;
    if root.bit(0) == x_is_odd { Some(root) } else { Some(minus(&BigUint::ZERO, &root)) }
}

/// (a − b) mod p.
fn minus(a: &BigUint, b: &BigUint) -> BigUint {
    (a + &*P - b % &*P) % &*P
}

/// 1/a mod p, and 0 for 0: a^(p−2).
fn inverse(a: &BigUint) -> BigUint {
    a.modpow(&(&*P - 2u8), &P)
}

/// SHA-512 of the parts, as a little-endian integer.
pub fn hash_to_integer(parts: &[&[u8]]) -> BigUint {
    let hash = parts.iter().fold(Sha512::new(), |hash, part| hash.chain_update(part)).finalize();
    BigUint::from_bytes_le(&hash)
}

/// A number below 2^256, little-endian.
pub fn to_32_bytes(number: &BigUint) -> [u8; 32] {
    let mut bytes = number.to_bytes_le();
    bytes.resize(32, 0);
    array(&bytes)
}

fn joined(first: &[u8; 32], second: &[u8; 32]) -> [u8; 64] {
    array(&[first.as_slice(), second].concat())
}

fn array<const LEN: usize>(bytes: &[u8]) -> [u8; LEN] {
    bytes.try_into().expect("the lengths of this file are fixed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex<const LEN: usize>(text: &str) -> [u8; LEN] {
        array(&hex::decode(text).unwrap())
    }

    #[test]
    fn the_constants_are_those_of_the_rfc() {
        let d = "37095705934669439343138083508754565189542113879843219016388785533085940283555";
        let base_x = "15112221349535400772501151409588531511454012693041857206046113283949847762202";
        let base_y = "46316835694926478169428394003475163141307993866256225615783033603165251855960";
        assert_eq!(D.to_string(), d);
        assert_eq!((BASE.x.to_string(), BASE.y.to_string()), (base_x.to_owned(), base_y.to_owned()));
        assert_eq!(encode(&BASE.times(&ORDER)), encode(&Point::neutral()));
        let scalar = &*ORDER - 12_345u32;
        assert_eq!(encode(&BASE.times(&scalar)), encode(&times_base(&scalar)));
    }

    #[test]
    fn signs_as_the_first_test_of_the_rfc_says() {
        let key = Key::from_seed(&unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        assert_eq!(key.public_key(), unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        let signature = key.sign(b"");
        assert_eq!(
            hex::encode(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        assert!(verify(&key.public_key(), b"", &signature));
        assert!(verify_strict(&key.public_key(), b"", &signature));
        assert!(!verify(&key.public_key(), b"x", &signature));
    }

    #[test]
    fn s_must_be_below_the_order() {
        let key = Key::from_seed(&[1; 32]);
        let signature = key.sign(b"hello");
        let s = BigUint::from_bytes_le(&signature[32..]) + &*ORDER;
        let with_larger_s = joined(&array(&signature[..32]), &to_32_bytes(&s));
        assert!(!verify(&key.public_key(), b"hello", &with_larger_s));
    }

    #[test]
    fn what_is_lenient_and_what_is_strict() {
        // Of the neutral point: R = A = (0, 1), S = 0 fits any message.
        let neutral = encode(&Point::neutral());
        let signature = joined(&neutral, &[0; 32]);
        assert!(verify(&neutral, b"any", &signature));
        assert!(!verify_strict(&neutral, b"any", &signature));

        // The same key with y = 1 + p, and with a sign bit on x = 0.
        let y_over_p = to_32_bytes(&(&*P + 1u8));
        let mut signed_zero = neutral;
        signed_zero[31] |= 0x80;
        for key in [y_over_p, signed_zero] {
            assert!(verify(&key, b"any", &signature));
            // As R, the bytes are not those that encoding gives.
            assert!(!verify(&neutral, b"any", &joined(&key, &[0; 32])));
        }
        assert!(!is_point(&array(&[[2].as_slice(), &[0; 31]].concat())), "y = 2 has no x");
    }
}
