//! Keys in files: `read_key` and `write_key`.

use everyhost_wasmtime::{Form, Keys, PrivateKey, SignerError, SignerModule};
use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::ops::{KeyForm, KeyKind, Op, ReadKeyInput, WriteKeyInput};

pub(crate) fn run(module: &SignerModule, op: &Op) -> Result<Answer, SignerError> {
    let mut keys = Keys::new(module)?;
    let output = match op {
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Private, file }) => {
            let key = keys.read_private_key(file.to_vec())?;
            let public_key = key.public_key().map(Into::into);
            Output { seed: Some(key.seed().into()), public_key, ..Output::default() }
        }
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Public, file }) => {
            Output { public_key: Some(keys.read_public_key(file.to_vec())?.into()), ..Output::default() }
        }
        Op::WriteKey(WriteKeyInput { form, seed, public_key }) => {
            let form = match form {
                KeyForm::Pem => Form::Pem,
                KeyForm::Der => Form::Der,
                KeyForm::Jwk => Form::Jwk,
            };
            let public_key = public_key.as_ref().map(Bytes::to_vec);
            let file = match (seed, &public_key) {
                (Some(seed), _) => {
                    let key = PrivateKey::new(&seed.to_vec(), public_key.as_deref())?;
                    keys.write_private_key(&key, form)?.to_vec()
                }
                (None, Some(public_key)) => keys.write_public_key(public_key, form)?,
                (None, None) => return Ok(Answer::unsupported("write_key needs a seed, a public_key, or both")),
            };
            Output { bytes: Some(file.into()), ..Output::default() }
        }
        _ => return Ok(Answer::unsupported(format!("{} neither reads nor writes a key", op.name()))),
    };
    Ok(Answer::ok(output))
}
