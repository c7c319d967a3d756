//! Keys in files: the same source that the module `keys` is made of.

use key_files::{Form, MAX_FILE_LEN, PrivateKey, read, write};
use token_signer_core::ErrorCode;
use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::ops::{KeyForm, KeyKind, Op, ReadKeyInput, WriteKeyInput};

pub(crate) fn run(op: &Op) -> Answer {
    let output = match op {
        Op::ReadKey(input) => read_key(input),
        Op::WriteKey(input) => write_key(input),
        _ => return Answer::unsupported(format!("{} neither reads nor writes a key", op.name())),
    };
    output.map_or_else(|code| Answer::error(code.name()), Answer::ok)
}

fn read_key(ReadKeyInput { kind, file }: &ReadKeyInput) -> Result<Output, ErrorCode> {
    let (file, mut scratch) = (file.to_vec(), [0; MAX_FILE_LEN]);
    Ok(match kind {
        KeyKind::Private => {
            let PrivateKey { seed, public_key } = read::private_key(&file, &mut scratch)?;
            Output { seed: Some(seed.into()), public_key: public_key.map(Into::into), ..Output::default() }
        }
        KeyKind::Public => {
            Output { public_key: Some(read::public_key(&file, &mut scratch)?.into()), ..Output::default() }
        }
    })
}

fn write_key(WriteKeyInput { form, seed, public_key }: &WriteKeyInput) -> Result<Output, ErrorCode> {
    let form = match form {
        KeyForm::Pem => Form::Pem,
        KeyForm::Der => Form::Der,
        KeyForm::Jwk => Form::Jwk,
    };
    let seed = key(seed, ErrorCode::KeyLength)?;
    let public_key = key(public_key, ErrorCode::PublicKeyLength)?;
    let file = match (seed, public_key) {
        (Some(seed), public_key) => write::private_key(&PrivateKey { seed, public_key }, form)?,
        (None, public_key) => write::public_key(&public_key.ok_or(ErrorCode::PublicKeyLength)?, form),
    };
    Ok(Output { bytes: Some(file.as_bytes().to_vec().into()), ..Output::default() })
}

fn key(bytes: &Option<Bytes>, wrong_length: ErrorCode) -> Result<Option<[u8; 32]>, ErrorCode> {
    bytes.as_ref().map(|bytes| bytes.to_vec().try_into().map_err(|_| wrong_length)).transpose()
}
