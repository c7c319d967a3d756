//! Keys in files: `read_key` and `write_key`.

use everyhost_wasmtime::{Form, Keys, PrivateKey, SignerError, SignerModule};
use vectors::Bytes;
use vectors::answer::Output;
use vectors::ops::{KeyForm, KeyKind, Op, ReadKeyInput, WriteKeyInput};

pub(crate) fn run(module: &SignerModule, op: &Op) -> Result<Output, SignerError> {
    let mut keys = Keys::new(module)?;
    Ok(match op {
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Private, file }) => {
            let key = keys.read_private_key(file.to_vec())?;
            let public_key = key.public_key().map(Into::into);
            Output { seed: Some(key.seed().into()), public_key, ..Output::default() }
        }
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Public, file }) => {
            Output { public_key: Some(keys.read_public_key(file.to_vec())?.into()), ..Output::default() }
        }
        Op::WriteKey(input) => Output { bytes: Some(write(&mut keys, input)?.into()), ..Output::default() },
        _ => Output::default(),
    })
}

fn write(keys: &mut Keys, input: &WriteKeyInput) -> Result<Vec<u8>, SignerError> {
    let form = match input.form {
        KeyForm::Pem => Form::Pem,
        KeyForm::Der => Form::Der,
        KeyForm::Jwk => Form::Jwk,
    };
    let public_key = input.public_key.as_ref().map(Bytes::to_vec);
    match &input.seed {
        Some(seed) => {
            let key = PrivateKey::new(&seed.to_vec(), public_key.as_deref())?;
            keys.write_private_key(&key, form).map(|file| file.to_vec())
        }
        None => keys.write_public_key(&public_key.unwrap_or_default(), form),
    }
}
