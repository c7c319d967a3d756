//! Keys and bytes as words, for the suites that are written as text.

use ed25519_reference::Key;

use super::build::{test_key, unhex};

/// The keys of a suite, by name.
pub(super) struct Keys {
    own: Key,
    other: Key,
}

impl Keys {
    /// `own` names the test key that the suite calls `own`.
    pub(super) fn new(own: &str) -> Self {
        Self { own: test_key(own), other: test_key("another") }
    }

    /// `own`, `other`, or `zero` for the key whose seed is all zeros.
    pub(super) fn key(&self, name: &str) -> Key {
        match name {
            "own" => self.own.clone(),
            "other" => self.other.clone(),
            "zero" => Key::from_seed(&[0; 32]),
            _ => panic!("no key {name:?}"),
        }
    }

    /// A keypair such as `own`, or `mixed` of two keys; `own:63`, cut or filled with zeros to a length; `own.seed` or
    /// `own.public`; `own signs MESSAGE`; anything else is a [`literal`].
    pub(super) fn bytes(&self, words: &str) -> Vec<u8> {
        if let Some((key, message)) = words.split_once(" signs ") {
            return self.key(key).sign(&literal(message)).into();
        }
        if let Some((keypair, len)) = words.split_once(':') {
            let mut bytes = self.bytes(keypair);
            bytes.resize(len.parse().expect("a length"), 0);
            return bytes;
        }
        match words.split_once('.') {
            Some((key, "seed")) => self.key(key).seed().into(),
            Some((key, "public")) => self.key(key).public_key().into(),
            _ if ["own", "other"].contains(&words) => self.key(words).keypair().into(),
            _ if words == "mixed" => [self.own.seed(), self.other.public_key()].concat(),
            _ => literal(words),
        }
    }
}

/// Text as it is, hex after `0x`, `0xaa*64` for 64 times the byte 0xaa; several of them with `+` between.
pub(super) fn literal(words: &str) -> Vec<u8> {
    let part = |part: &str| match part.strip_prefix("0x") {
        Some(hex) => {
            let (hex, times) = hex.split_once('*').unwrap_or((hex, "1"));
            unhex(hex).repeat(times.parse().expect("a number of times"))
        }
        None => part.into(),
    };
    words.split('+').flat_map(part).collect()
}
