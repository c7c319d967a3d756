//! Tokens made and verified with the crate and with jsonwebtoken, and each part of the crate with its types.

use std::error::Error;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};
use everyhost_signer::{
    Code, Form, Keys, PrivateKey, Signer, SignerError, SignerModule, TokenAlgorithm, TokenHeader, Verifier,
    VerifierModules, modules,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let module: &'static SignerModule = modules::signer_batches()?;
    let mut signer: Signer = Signer::from_private_key(module, &PrivateKey::generate()?)?;
    let public_key: [u8; 32] = signer.public_key()?;

    let messages: Vec<String> = (0..100).map(|n| format!("message {n}")).collect();
    let signatures: Vec<[u8; 64]> = signer.sign_many(&messages)?;
    assert!(signer.batch_module().is_some(), "no batch module works on this machine");

    let several: &'static VerifierModules = modules::verifier()?;
    let mut verifier = Verifier::new(several)?;
    assert!(verifier.module_index() < 2, "no verifier's module works on this machine");
    let items: Vec<([u8; 32], &str, [u8; 64])> =
        messages.iter().zip(&signatures).map(|(message, signature)| (public_key, message.as_str(), *signature)).collect();
    assert_eq!(verifier.verify_many(&items)?, vec![true; items.len()]);
    assert_eq!(verifier.verify_many_strict(&[(public_key, "another", signatures[0])])?, [false]);

    tokens(&mut signer, &public_key)?;
    keys()?;
    println!("typed use works");
    Ok(())
}

fn tokens(signer: &mut Signer, public_key: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut keys = Keys::new(modules::keys()?)?;
    let claims: Map<String, Value> = Map::from_iter([("sub".to_owned(), json!("alice"))]);
    let header = TokenHeader { algorithm: TokenAlgorithm::EdDsa, key_id: Some("1") };
    let token: String = signer.sign_token(&claims, &header)?;
    // {"alg":"EdDSA","typ":"JWT","kid":"1"}, as from every other wrapper.
    assert!(token.starts_with("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IjEifQ."), "{token}");

    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    let theirs = DecodingKey::from_ed_pem(&keys.write_public_key(public_key, Form::Pem)?)?;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(&token, &theirs, &validation)?;
    assert_eq!((decoded.claims, decoded.header.kid.as_deref()), (claims.clone(), Some("1")));
    let spoilt = token.replacen("ey", "eY", 1);
    assert!(jsonwebtoken::decode::<Map<String, Value>>(&spoilt, &theirs, &validation).is_err());

    let key = PrivateKey::generate()?;
    let pem = keys.write_private_key(&key, Form::Pem)?;
    let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &EncodingKey::from_ed_pem(&pem)?)?;
    let (input, signature) = token.rsplit_once('.').ok_or("no token")?;
    let mut ours = Signer::from_private_key(modules::signer()?, &key)?;
    assert!(ours.verify(&ours.public_key()?, input, &BASE64URL.decode(signature)?)?);
    Ok(())
}

fn keys() -> Result<(), Box<dyn Error>> {
    let mut keys = Keys::new(modules::keys()?)?;
    let refused: SignerError = keys.read_private_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").unwrap_err();
    assert_eq!((refused.code, refused.code.name()), (Code::KeyEncrypted, "KEY_ENCRYPTED"));
    let key = PrivateKey::generate()?;
    let der = keys.write_private_key(&key, Form::Der)?;
    let read = keys.read_private_key(&*der)?;
    assert_eq!(read.seed(), key.seed());
    assert_eq!(format!("{read:?}"), "PrivateKey { public_key: None, .. }");
    Ok(())
}
