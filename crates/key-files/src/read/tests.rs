use proptest::prelude::*;

use super::*;
use crate::{Form, write};

const SEED: [u8; 32] = [7; 32];
const PUBLIC: [u8; 32] = [9; 32];

fn private(file: &[u8]) -> Result<PrivateKey, ErrorCode> {
    private_key(file, &mut [0; MAX_FILE_LEN])
}

fn public(file: &[u8]) -> Result<[u8; 32], ErrorCode> {
    public_key(file, &mut [0; MAX_FILE_LEN])
}

fn written(public_key: Option<[u8; 32]>, form: Form) -> Vec<u8> {
    write::private_key(&PrivateKey { seed: SEED, public_key }, form).unwrap().as_bytes().to_vec()
}

#[test]
fn what_is_written_is_read_again() {
    for form in [Form::Pem, Form::Der, Form::Jwk] {
        let file = written(Some(PUBLIC), form);
        assert_eq!(private(&file), Ok(PrivateKey { seed: SEED, public_key: Some(PUBLIC) }));
        assert_eq!(public(&file), Err(ErrorCode::KeyIsPrivate));
        let file = write::public_key(&PUBLIC, form);
        assert_eq!(public(file.as_bytes()), Ok(PUBLIC));
        assert_eq!(private(file.as_bytes()), Err(ErrorCode::KeyIsPublic));
    }
    for form in [Form::Pem, Form::Der] {
        assert_eq!(private(&written(None, form)), Ok(PrivateKey { seed: SEED, public_key: None }));
    }
    let alone = PrivateKey { seed: SEED, public_key: None };
    assert_eq!(write::private_key(&alone, Form::Jwk).err(), Some(ErrorCode::KeyJwk));
}

#[test]
fn text_around_a_pem_and_other_blocks_are_passed_over() {
    let pem = String::from_utf8(written(None, Form::Pem)).unwrap();
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let public_pem = String::from_utf8(write::public_key(&PUBLIC, Form::Pem).as_bytes().to_vec()).unwrap();
    for file in [
        format!("Bag Attributes\n    friendlyName: x\n{certificate}{public_pem}{pem}"),
        pem.replace('\n', "\r\n"),
        format!("\n  \n{}", pem.trim_end()),
    ] {
        assert_eq!(private(file.as_bytes()).map(|key| key.seed), Ok(SEED), "{file}");
    }
    assert_eq!(private(certificate.as_bytes()), Err(ErrorCode::KeyFormat));
}

/// A byte that differs anywhere gives another key, or none; never the same one as if it did not matter.
#[test]
fn every_byte_of_der_matters() {
    for file in [written(None, Form::Der), written(Some(PUBLIC), Form::Der)] {
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut spoilt = file.clone();
                spoilt[at] ^= 1 << bit;
                assert_ne!(private(&spoilt).ok(), private(&file).ok(), "bit {bit} of byte {at}");
            }
            assert!(private(&file[..at]).is_err(), "its first {at} bytes");
        }
        assert_eq!(private(&[&file[..], &[0]].concat()), Err(ErrorCode::KeyDer));
    }
}

#[test]
fn a_file_may_have_so_many_bytes_and_no_more() {
    let mut file = written(None, Form::Pem);
    file.resize(MAX_FILE_LEN, b'\n');
    assert!(private(&file).is_ok());
    file.push(b'\n');
    assert_eq!(private(&file), Err(ErrorCode::KeyTooLarge));
}

proptest! {
    #[test]
    fn any_bytes_end(file in proptest::collection::vec(any::<u8>(), 0..300), at in 0..400_usize, with in any::<u8>()) {
        let _ = (private(&file), public(&file));
        for form in [Form::Pem, Form::Der, Form::Jwk] {
            let mut file = written(Some(PUBLIC), form);
            let len = file.len();
            file[at % len] = with;
            let _ = (private(&file), public(&file));
        }
    }
}
