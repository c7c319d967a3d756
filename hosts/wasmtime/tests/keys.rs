//! Keys in files, and tokens that are signed with them.

use std::sync::LazyLock;

use everyhost_wasmtime::{Code, Form, Keys, PrivateKey, Signer, SignerModule, TokenAlgorithm, TokenHeader};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};
use wasmtime::Engine;

use crate::common::{MISMATCHED_KEYPAIR, PUBLISHED_KEYPAIR, has_seed, keypair, signer_module};

const FORMS: [Form; 3] = [Form::Pem, Form::Der, Form::Jwk];

static KEYS: LazyLock<SignerModule> = LazyLock::new(|| signer_module("keys"));

fn private_key(keypair: &[u8; 64]) -> PrivateKey {
    PrivateKey::new(&keypair[..32], Some(&keypair[32..])).unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let mut keys = Keys::new(&KEYS).unwrap();
    let key = private_key(&PUBLISHED_KEYPAIR);
    for form in FORMS {
        let file = keys.write_private_key(&key, form).unwrap();
        let read = keys.read_private_key(&*file).unwrap();
        assert_eq!((read.seed(), read.public_key()), (key.seed(), key.public_key()));
        assert_eq!(keys.read_public_key(&*file).unwrap_err().code, Code::KeyIsPrivate);

        let file = keys.write_public_key(&PUBLISHED_KEYPAIR[32..], form).unwrap();
        assert_eq!(keys.read_public_key(&file).unwrap(), PUBLISHED_KEYPAIR[32..]);
        assert_eq!(keys.read_private_key(&file).unwrap_err().code, Code::KeyIsPublic);
    }
    assert!(keys.write_private_key(&PrivateKey::new(&[7; 32], None).unwrap(), Form::Pem).is_ok());
    let refused = keys.read_private_key("no key").unwrap_err();
    assert_eq!(refused.to_string(), "KEY_FORMAT: this is neither PEM nor DER nor a JWK with a key");
    assert_eq!(keys.read_private_key(vec![0; 16_385]).unwrap_err().code, Code::KeyTooLarge);
    assert_eq!(keys.write_public_key(&[0; 31], Form::Der).unwrap_err().code, Code::PublicKeyLength);
}

/// What finds residues that have no name: the same calls with two keys leave the same memory behind.
#[test]
fn two_keys_leave_the_same_memory_behind() {
    for form in FORMS {
        let [one, other] = [[1; 32], [0xfe; 32]].map(|seed| {
            let mut keys = Keys::new(&KEYS).unwrap();
            let file = keys.write_private_key(&private_key(&keypair(seed)), form).unwrap();
            let written = keys.linear_memory().to_vec();
            keys.read_private_key(&*file).unwrap();
            let read = keys.linear_memory().to_vec();
            // Refused once all of it was decoded.
            keys.read_public_key(&*file).unwrap_err();
            [written, read, keys.linear_memory().to_vec()]
        });
        for ((one, other), after) in one.iter().zip(&other).zip(["written", "read", "refused"]) {
            let differs = (0..one.len()).filter(|at| one[*at] != other[*at]).take(8).collect::<Vec<_>>();
            assert!(differs.is_empty(), "{form:?}, {after}: memory differs at {differs:x?}");
        }
    }
}

#[test]
fn a_seed_in_memory_would_be_found() {
    let wasm = wat::parse_str(FAKE.replace("WIPE", "")).unwrap();
    let mut keys = Keys::new(&SignerModule::new(&Engine::default(), &wasm).unwrap()).unwrap();
    assert!(keys.read_private_key(&PUBLISHED_KEYPAIR[..32]).is_ok());
    assert!(has_seed(keys.linear_memory()));
}

/// A module that reads no key: the file is where the seed is.
const FAKE: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "get_file_ptr") (result i32) i32.const 64)
    (func (export "max_file_len") (result i32) i32.const 64)
    (func (export "get_seed_ptr") (result i32) i32.const 64)
    (func (export "get_public_key_ptr") (result i32) i32.const 128)
    (func (export "has_public_key") (result i32) i32.const 0)
    (func (export "read_private_key") (param i32) (result i32) i32.const 0)
    (func (export "read_public_key") (param i32) (result i32) unreachable)
    (func (export "wipe") WIPE))"#;

#[test]
fn a_trap_is_reported_and_leaves_nothing() {
    let module = |wipe: &str| {
        let wasm = wat::parse_str(FAKE.replace("WIPE", wipe)).unwrap();
        SignerModule::new(&Engine::default(), &wasm).unwrap()
    };
    let mut keys = Keys::new(&module("")).unwrap();
    assert_eq!(keys.read_public_key(&PUBLISHED_KEYPAIR[..32]).unwrap_err().code, Code::Trapped);
    assert!(!has_seed(keys.linear_memory()));
    assert!(keys.read_private_key(&PUBLISHED_KEYPAIR[..32]).is_ok(), "it works on");

    let mut keys = Keys::new(&module("unreachable")).unwrap();
    assert_eq!(keys.read_private_key(&PUBLISHED_KEYPAIR[..32]).unwrap_err().code, Code::Trapped);
    assert!(!has_seed(keys.linear_memory()));
    assert_eq!(Keys::new(&signer_module("signer-raw")).err().unwrap().code, Code::NoExport);
}

#[test]
fn a_private_key_shows_no_secret_and_generated_ones_differ() {
    let key = private_key(&PUBLISHED_KEYPAIR);
    assert_eq!(format!("{key:?}"), format!("PrivateKey {{ public_key: {:?}, .. }}", key.public_key()));
    let [one, other] = [(); 2].map(|()| PrivateKey::generate().unwrap());
    assert_ne!(one.seed(), other.seed());
    assert_eq!(PrivateKey::new(&[0; 31], None).unwrap_err().code, Code::KeyLength);
    assert_eq!(PrivateKey::new(&[0; 32], Some(&[0; 33])).unwrap_err().code, Code::PublicKeyLength);
}

#[test]
fn a_signer_takes_a_private_key_with_its_public_key_or_without() {
    let module = signer_module("signer-raw");
    let alone = PrivateKey::new(&PUBLISHED_KEYPAIR[..32], None).unwrap();
    for key in [alone, private_key(&PUBLISHED_KEYPAIR)] {
        let signer = Signer::from_private_key(&module, &key).unwrap();
        assert_eq!(signer.public_key().unwrap(), PUBLISHED_KEYPAIR[32..]);
    }
    let mismatched = Signer::from_private_key(&module, &private_key(&MISMATCHED_KEYPAIR));
    assert_eq!(mismatched.err().unwrap().code, Code::KeyPairMismatch);
}

fn claims() -> Map<String, Value> {
    json!({ "sub": "Zoë", "n": [1, null] }).as_object().unwrap().clone()
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear(); // these tokens have no expiry
    validation
}

#[test]
fn jsonwebtoken_verifies_what_is_signed_here() {
    let mut keys = Keys::new(&KEYS).unwrap();
    let mut signer = Signer::new(&signer_module("signer-raw"), &PUBLISHED_KEYPAIR).unwrap();
    let jwk = keys.write_public_key(&signer.public_key().unwrap(), Form::Jwk).unwrap();
    let key = DecodingKey::from_jwk(&serde_json::from_slice(&jwk).unwrap()).unwrap();

    let header = TokenHeader { key_id: Some("key 1"), ..TokenHeader::default() };
    let token = signer.sign_token(&claims(), &header).unwrap();
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(&token, &key, &validation()).unwrap();
    assert_eq!(decoded.claims, claims());
    assert_eq!((decoded.header.kid.as_deref(), decoded.header.typ.as_deref()), (Some("key 1"), Some("JWT")));

    assert!(jsonwebtoken::decode::<Map<String, Value>>(&format!("{token}A"), &key, &validation()).is_err());
}

/// jsonwebtoken does not know RFC 9864's name, so the header is looked at as it is.
#[test]
fn the_header_may_have_the_newer_name() {
    let mut signer = Signer::new(&signer_module("signer-raw"), &PUBLISHED_KEYPAIR).unwrap();
    let header = TokenHeader { algorithm: TokenAlgorithm::Ed25519, key_id: None };
    let token = signer.sign_token(&claims(), &header).unwrap();
    assert!(token.starts_with("eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIn0."), "{token}");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, signature).unwrap();
    assert_eq!(signer.verify(&PUBLISHED_KEYPAIR[32..], signed, &signature), Ok(true));
}

#[test]
fn a_token_of_jsonwebtoken_by_a_key_that_was_written_here_verifies() {
    let mut keys = Keys::new(&KEYS).unwrap();
    let der = keys.write_private_key(&private_key(&PUBLISHED_KEYPAIR), Form::Der).unwrap();
    let key = EncodingKey::from_ed_der(&der);
    let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(), &key).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, signature).unwrap();
    let mut signer = Signer::without_key(&signer_module("signer-raw")).unwrap();
    assert_eq!(signer.verify(&PUBLISHED_KEYPAIR[32..], signed, &signature), Ok(true));
}
