//! RFC 8037, appendix A: a JWS signed with Ed25519, as bytes.

use super::build::{self, case, key_bytes, public_key, sign, signature, triple, unhex, valid, verify, verify_strict};
use vectors::model::{Face, Suite};

/// A.1: `d`, decoded.
pub(super) const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
/// A.1 and A.2: `x`, decoded.
pub(super) const PUBLIC_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
/// A.4: the JWS Signing Input, ASCII.
const SIGNING_INPUT: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
/// A.4: the signature, as published in hex (it is base64url in the token).
const SIGNATURE: &str = "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02";

pub(super) fn suite() -> Suite {
    let (seed, public, signed) = (unhex(SEED), unhex(PUBLIC_KEY), unhex(SIGNATURE));
    let keypair = [seed.clone(), public.clone()].concat();
    let triple = triple(&public, SIGNING_INPUT, &signed);
    let comment = format!("the bytes of the text {SIGNING_INPUT}");
    build::suite(
        "ed25519-rfc8037",
        Face::Signer,
        build::source(
            "RFC 8037, appendix A.1 to A.5, https://www.rfc-editor.org/rfc/rfc8037#appendix-A",
            "IETF Trust Legal Provisions, section 4 (code components: Revised BSD)",
            None,
        ),
        &[],
        vec![
            case("ed25519/rfc8037/a-4", &[], &comment, sign(keypair, SIGNING_INPUT), signature(signed)),
            case("ed25519/rfc8037/a-2", &[], "the public key of A.1", public_key(seed), key_bytes(public)),
            case("ed25519/rfc8037/a-5", &[], &comment, verify(triple.clone()), valid(true)),
            case("ed25519/rfc8037/a-5-strict", &[], &comment, verify_strict(triple), valid(true)),
        ],
    )
}
