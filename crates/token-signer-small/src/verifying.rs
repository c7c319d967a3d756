//! The two verifications, as `token_signer_core` has them.

use core::cell::OnceCell;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint, VartimeEdwardsPrecomputation};
use curve25519_dalek::traits::VartimePrecomputedMultiscalarMul;

use crate::key::{halves, hash_to_scalar, scalar_of};
use crate::memory::{made_once, per_thread};
use crate::{PUBLIC_KEY_LEN, SIGNATURE_LEN};

per_thread! { static MULTIPLES: OnceCell<VartimeEdwardsPrecomputation> = OnceCell::new(); }

/// Whether S is under the group's order, the public key decodes with y reduced modulo p, and the encoding of
/// S·B − k·A is the very bytes of R. When `strict`, R must decode too, and neither it nor A may have small order.
pub(crate) fn verify(
    public_key: &[u8; PUBLIC_KEY_LEN],
    message: &[u8],
    signature: &[u8; SIGNATURE_LEN],
    strict: bool,
) -> bool {
    let (r_bytes, s_bytes) = halves(signature);
    let s = scalar_of(&s_bytes);
    if *s.as_bytes() != s_bytes {
        return false;
    }
    let Some(a) = CompressedEdwardsY(*public_key).decompress() else {
        return false;
    };
    if strict {
        let Some(r) = CompressedEdwardsY(r_bytes).decompress() else {
            return false;
        };
        if r.is_small_order() || a.is_small_order() {
            return false;
        }
    }
    let k = hash_to_scalar(&[&r_bytes, public_key, message]);
    if cfg!(feature = "whole-verify") {
        let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-a, &s);
        return expected.compress().to_bytes() == r_bytes;
    }
    // Variable time: nothing here is secret. `vartime_double_scalar_mul_basepoint` would link 6.7 KB of table.
    let expected = MULTIPLES.with(|multiples| {
        let multiples = made_once(multiples, || VartimeEdwardsPrecomputation::new([ED25519_BASEPOINT_POINT]));
        in_scope(|| multiples.vartime_mixed_multiscalar_mul([s], [k], [-a]))
    });
    expected.compress().to_bytes() == r_bytes
}

/// Runs `multiply`, which allocates, and in the module takes back what it allocated.
#[allow(unsafe_code)]
fn in_scope(multiply: impl FnOnce() -> EdwardsPoint) -> EdwardsPoint {
    #[cfg(feature = "std")]
    return multiply();
    // SAFETY: a point is plain data: every vector that multiplying took has been dropped when it returns.
    #[cfg(not(feature = "std"))]
    unsafe {
        crate::arena::scope(multiply)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;
    use token_signer_core::SigningKey;
    use vectors::strategies::{flip, keypairs, messages, seeds};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn accepts_what_dalek_signed_and_no_flipped_bit_of_it(keypair in keypairs(), message in messages(), bit: Index) {
            let (_, public) = halves(&keypair);
            let good = SigningKey::from_keypair(&keypair).unwrap().sign(&message);
            let bad = flip(good, bit);
            for strict in [false, true] {
                prop_assert!(verify(&public, &message, &good, strict));
                prop_assert!(!verify(&public, &message, &bad, strict));
            }
        }

        #[test]
        fn judges_random_bytes_as_dalek_does(public in seeds(), message in messages(), signature in any::<[[u8; 32]; 2]>()) {
            let signature: [u8; 64] = signature.concat().try_into().unwrap();
            let native = token_signer_core::verify(&public, &message, &signature);
            let native_strict = token_signer_core::verify_strict(&public, &message, &signature);
            prop_assert_eq!(verify(&public, &message, &signature, false), native);
            prop_assert_eq!(verify(&public, &message, &signature, true), native_strict);
        }
    }
}
