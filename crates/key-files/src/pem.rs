//! The lines around a key (RFC 7468).

use base64ct::{Base64, Encoding as _};
use signer_abi::ErrorCode;

use crate::read::Scratch;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// What stands between a line BEGIN and its line END.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a [u8],
    /// `None` if there is no such line END.
    body: Option<&'a [u8]>,
}

/// The blocks of a file, in their order; what stands around them is no matter.
pub(crate) struct Blocks<'a>(&'a [u8]);

impl<'a> Blocks<'a> {
    pub(crate) const fn of(file: &'a [u8]) -> Self {
        Self(file)
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        loop {
            let (line, rest) = next_line(self.0)?;
            self.0 = rest;
            let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) else {
                continue;
            };
            let mut left = rest;
            while let Some((line, after)) = next_line(left) {
                if is_end(line, label) {
                    self.0 = after;
                    return Some(Block { label, body: Some(&rest[..rest.len() - left.len()]) });
                }
                left = after;
            }
            return Some(Block { label, body: None });
        }
    }
}

impl Block<'_> {
    /// The bytes that it stands for. Lines may have any length; the text must be the only one for these bytes.
    pub(crate) fn decode<'s>(&self, scratch: &'s mut Scratch) -> Result<&'s [u8], ErrorCode> {
        let body = self.body.ok_or(ErrorCode::KeyPem)?;
        let mut len = 0;
        for byte in body.iter().filter(|byte| !is_space(**byte)) {
            scratch[len] = *byte;
            len += 1;
        }
        // Decoding in place takes stray bits in the last four characters for zeros: these are made again, and compared.
        let last: [u8; 4] = *scratch[..len].last_chunk().ok_or(ErrorCode::KeyPem)?;
        let decoded = Base64::decode_in_place(&mut scratch[..len]).map_err(|_| ErrorCode::KeyPem)?;
        let tail = decoded.chunks(3).next_back().unwrap_or_default();
        let again = Base64::encode(tail, &mut [0; 4]).is_ok_and(|again| again.as_bytes() == last);
        if again { Ok(decoded) } else { Err(ErrorCode::KeyPem) }
    }
}

/// The first line, without what ends it and spaces behind it, and all that comes after it. CR LF is two ends.
fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(text.len(), |at| at + 1);
    let (mut line, rest) = text.split_at(end);
    while let [before @ .., last] = line
        && is_space(*last)
    {
        line = before;
    }
    Some((line, rest))
}

/// RFC 7468, section 3: W, which has the vertical tab too.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn is_end(line: &[u8], label: &[u8]) -> bool {
    let named = line.strip_prefix(END).and_then(|rest| rest.strip_suffix(DASHES));
    named == Some(label)
}
