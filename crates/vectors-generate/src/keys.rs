//! Keys in files: what is read, what is written, and files that are wrong in one place.
//!
//! keys/cases.txt has the cases, a paragraph each: id, flags and comment; the question; the answer. A question is `private FILE`,
//! `public FILE`, or `write FORM` with what is written. An answer is a code, `=` with the key, or `is` with the file. Each code
//! follows from the rule that the comment names, never from what the module said.

use base64::prelude::{BASE64_STANDARD as BASE64, BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};

use super::build::{self, error, headed, source, test_key, unhex};
use super::signer_abi::{in_hex, spelt_out_in, status_of};
use super::words::{self, Keys};
use super::{rfc8037, written};
use vectors::Bytes;
use vectors::answer::Output;
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{KeyForm, KeyKind, Op, ReadKeyInput, WriteKeyInput};

const SOURCE: &str = "RFC 8410, section 10; RFC 8037, appendix A; files that OpenSSL 3.0.19 wrote; and made up for this project, \
                      with answers from RFC 4648, 5958, 7468, 7517, 8037, 8259 and 8410, X.690, and the table of codes";
const LICENCE: &str = "MIT OR Apache-2.0; the RFCs' examples: IETF Trust Legal Provisions, section 4 (Revised BSD)";

/// RFC 8410, section 10.3: its seed, and the public key of section 10.1.
const RFC8410: [&str; 2] = [
    "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
    "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
];
/// The key of keys/ed25519.pem, as `openssl pkey -text` shows it.
const OPENSSL: [&str; 2] = [
    "0bc483bbd57c35da0d29e70e8d2b53e7dbf30cdf70fe8031979fbe3d36b6dbc4",
    "9bf362cbb38e6508e4a9d6244c7104fb152e36cd9eca65419b581200577dea2a",
];

macro_rules! files {
    ($($name:literal)+) => {
        /// What OpenSSL wrote: keys/make.sh says how.
        const FILES: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("keys/", $name))),)+];
    };
}

files! {
    "ed25519.pem" "ed25519.der" "ed25519-text.pem" "ed25519-public.pem" "ed25519-public.der"
    "ed25519-encrypted.pem" "ed25519-encrypted.der" "ed25519-certificate.pem"
    "ed448.pem" "ed448-public.pem" "x25519.pem" "x25519-public.der" "p256.pem" "p256-public.pem" "p256-traditional.pem"
    "rsa.der" "rsa-public.pem" "rsa-traditional.der" "rsa-traditional.pem" "rsa-traditional-encrypted.pem" "rsa-public-traditional.pem"
}

pub(super) fn suite() -> Suite {
    let names = Names::new();
    let text = include_str!("keys/cases.txt").trim_end();
    let (flags, cases) = text.split_once("\n\n").expect("flags, then cases");
    let cases = cases.split("\n\n").map(|paragraph| names.case(paragraph)).collect();
    build::suite("keys", Face::Keys, source(SOURCE, LICENCE, None), &build::flags(flags), cases)
}

/// The exports themselves. keys/abi.txt has steps as signer_abi.txt has, and the words below.
pub(super) fn abi_suite() -> Suite {
    let keys = Keys::new("keys");
    let [seed, public] = ["own.seed", "own.public"].map(|half| keys.bytes(half));
    let private = |head: &str, rest: &[&[u8]]| [&unhex(head), &seed[..], &rest.concat()].concat();
    let bytes = |words: &str| match words.split('+').next() {
        Some("PKCS8") => private("302e020100300506032b657004220420", &[]),
        Some("PKCS8_2") => private("3051020101300506032b657004220420", &[&[0x81, 33, 0], &public]),
        Some("SPKI") => {
            let behind = words.strip_prefix("SPKI+").map(words::literal).unwrap_or_default();
            [unhex("302a300506032b6570032100"), public.clone(), behind].concat()
        }
        _ => keys.bytes(words),
    };
    let text = in_hex(&spelt_out_in(include_str!("keys/abi.txt"), spelt_out), bytes);
    written::suite("keys-abi", Face::Keys, build::made_here("RFC 5958 and 8410, and hosts/ABI.md"), &text)
}

fn spelt_out(step: &str) -> String {
    let words: Vec<&str> = step.split(' ').collect();
    match words[..] {
        ["buffers"] => "as file call get_file_ptr = $file\nas seed call get_seed_ptr = $seed\n\
                        as public call get_public_key_ptr = $public"
            .to_owned(),
        ["zeros"] => "read $file {0x00*256}\nread $seed {0x00*32}\nread $public {0x00*32}".to_owned(),
        ["status", export, ref arguments @ .., code] => {
            format!("call {export} {} = {}", arguments.join(" "), status_of(code))
        }
        _ => step.to_owned(),
    }
}

/// What stands for bytes in the text, longest first: `$own.seed` and `$own.public` in hex, `$own.d` and `$own.x` in base64url.
struct Names(Vec<(String, String)>);

impl Names {
    fn new() -> Self {
        let own = test_key("keys");
        let hex = |bytes: &[u8]| hex::encode(bytes);
        let keys = [
            ("own", [hex(&own.seed()), hex(&own.public_key())]),
            ("rfc8410", RFC8410.map(str::to_owned)),
            ("rfc8037", [rfc8037::SEED, rfc8037::PUBLIC_KEY].map(str::to_owned)),
            ("openssl", OPENSSL.map(str::to_owned)),
        ];
        let of_key = |(name, [seed, public]): (&str, [String; 2])| {
            [
                (format!("${name}.d"), BASE64URL.encode(unhex(&seed))),
                (format!("${name}.x"), BASE64URL.encode(unhex(&public))),
                (format!("${name}.seed"), seed),
                (format!("${name}.public"), public),
            ]
        };
        Self(keys.into_iter().flat_map(of_key).collect())
    }

    fn replaced(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn hex(&self, text: &str) -> Vec<u8> {
        words::literal(&format!("0x{}", self.replaced(text).replace(' ', "")))
    }

    fn case(&self, paragraph: &str) -> Case {
        let lines: Vec<&str> = paragraph.lines().collect();
        let [head, asked, answered] = lines[..] else { panic!("not three lines: {paragraph}") };
        let (what, rest) = asked.split_once(' ').expect("a question");
        let read = |kind| Op::ReadKey(ReadKeyInput { kind, file: self.file(rest) });
        let op = match what {
            "private" => read(KeyKind::Private),
            "public" => read(KeyKind::Public),
            "write" => self.write(rest),
            _ => panic!("{what:?} is no question"),
        };
        headed("keys", head, op, self.answer(answered))
    }

    /// `hex HEX`; `pem LABEL: HEX`; `text TEXT`, with the escapes below and `[*` for 10,000 brackets; `file NAME`; `repeated LENGTH`; or one of them after `LENGTH bytes of `, filled up with line ends.
    fn file(&self, words: &str) -> Bytes {
        if let Some((len, words)) = words.split_once(" bytes of ") {
            let mut file = self.file(words).to_vec();
            file.resize(len.parse().expect("a length"), b'\n');
            return file.into();
        }
        let (form, rest) = words.split_once(' ').unwrap_or((words, ""));
        match form {
            "hex" => self.hex(rest).into(),
            "pem" => {
                let (label, hex) = rest.split_once(": ").expect("a label");
                pem(label, &self.hex(hex)).into()
            }
            "text" => {
                let escapes = [("\\n", "\n"), ("\\r", "\r"), ("\\v", "\u{b}"), ("\\0", "\0"), ("\\ufeff", "\u{feff}")];
                let text = self.replaced(rest).replace("[*", &"[".repeat(10_000));
                escapes.iter().fold(text, |text, (escape, character)| text.replace(escape, character)).into()
            }
            "file" => of_openssl(rest).into(),
            "repeated" => build::repeated(rest.parse().expect("a length")),
            _ => panic!("{words:?} is no file"),
        }
    }

    /// A form, and what is written in hex: `seed=HEX`, `public=HEX`, or both.
    fn write(&self, words: &str) -> Op {
        let (form, keys) = words.split_once(' ').expect("a form");
        let key = |name| keys.split(' ').find_map(|key| key.strip_prefix(name)).map(|key| self.hex(key).into());
        let form = match form {
            "pem" => KeyForm::Pem,
            "der" => KeyForm::Der,
            "jwk" => KeyForm::Jwk,
            _ => panic!("{form:?} is no form"),
        };
        Op::WriteKey(WriteKeyInput { form, seed: key("seed="), public_key: key("public=") })
    }

    fn answer(&self, words: &str) -> Expect {
        let key = |name| words.split(' ').find_map(|key| key.strip_prefix(name)).map(|key| self.hex(key).into());
        Expect::Ok(match words.split_once(' ') {
            Some(("=", _)) => Output { seed: key("seed="), public_key: key("public="), ..Output::default() },
            Some(("is", file)) => Output { bytes: Some(self.file(file).into()), ..Output::default() },
            _ => return error(words),
        })
    }
}

/// As OpenSSL writes it: lines of 64 characters (RFC 7468, section 2).
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn of_openssl(name: &str) -> &'static [u8] {
    FILES.iter().find(|(of, _)| *of == name).unwrap_or_else(|| panic!("no file {name:?}")).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At least forty that are wrong in one place.
    #[test]
    fn there_are_as_many_as_there_should_be() {
        let suite = suite();
        let wrong = suite.cases.iter().filter(|case| matches!(case.expect, Expect::Error(_)));
        assert!(wrong.count() >= 40);
        for (name, _) in FILES {
            assert!(include_str!("keys/cases.txt").contains(&format!("file {name}\n")), "{name} is in no case");
        }
    }

    /// The published public keys are those of the published seeds.
    #[test]
    fn the_keys_are_pairs() {
        for [seed, public] in [RFC8410, OPENSSL, [rfc8037::SEED, rfc8037::PUBLIC_KEY]] {
            let key = ed25519_reference::Key::from_seed(&unhex(seed).try_into().unwrap());
            assert_eq!(key.public_key().to_vec(), unhex(public));
        }
    }
}
