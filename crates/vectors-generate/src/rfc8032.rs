//! RFC 8032, section 7.1.

use super::build::{self, published, unhex};
use vectors::model::{Face, Suite};

const PUBLISHED: &str = include_str!("rfc8032.txt");

pub(super) fn suite() -> Suite {
    let mut cases = Vec::new();
    for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(": ").collect();
        let [name, seed, public, message, signed] = fields[..] else {
            panic!("rfc8032.txt: a line has 5 fields: {line}");
        };
        let (id, comment) = match name {
            "TEST 1" => ("test-1", "an empty message"),
            "TEST 2" => ("test-2", "one byte"),
            "TEST 3" => ("test-3", "two bytes"),
            "TEST 1024" => ("test-1024", "1023 bytes"),
            "TEST SHA(abc)" => ("test-sha-abc", "the 64 bytes of SHA-512(\"abc\")"),
            other => panic!("rfc8032.txt: {other} is no test of the RFC"),
        };
        let message = if message == "-" { Vec::new() } else { unhex(message) };
        let keypair = [unhex(seed), unhex(public)].concat();
        let id = format!("ed25519/rfc8032/{id}");
        cases.extend(published(&id, comment, &keypair, &message, &unhex(signed)));
    }
    build::suite(
        "ed25519-rfc8032",
        Face::Signer,
        build::source(
            "RFC 8032, section 7.1, https://www.rfc-editor.org/rfc/rfc8032#section-7.1",
            "IETF Trust Legal Provisions, section 4 (code components: Revised BSD)",
            None,
        ),
        &[],
        cases,
    )
}
