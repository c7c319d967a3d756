//! The messages of one call.

use signer_abi::ErrorCode;

/// Bytes of a length in a batch.
pub(crate) const LENGTH_LEN: usize = 4;

/// Messages, one after the other: as many as there are lengths, u32 little-endian each, and then the messages end to end.
#[derive(Clone)]
pub(crate) struct Messages<'a> {
    lengths: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Of a batch of `count` messages, where the lengths add up to the bytes behind them.
    pub(crate) fn of_batch(batch: &'a [u8], count: usize) -> Result<Self, ErrorCode> {
        let (lengths, rest) = batch.split_at(count * LENGTH_LEN);
        Self { lengths, rest }.checked()
    }

    /// Messages whose lengths are elsewhere.
    pub(crate) fn apart(lengths: &'a [u8], messages: &'a [u8]) -> Self {
        Self { lengths, rest: messages }
    }

    fn checked(self) -> Result<Self, ErrorCode> {
        let mut checked = self.clone();
        while !checked.lengths.is_empty() {
            checked.next().ok_or(ErrorCode::BatchLayout)?;
        }
        if checked.rest.is_empty() { Ok(self) } else { Err(ErrorCode::BatchLayout) }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, lengths) = self.lengths.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (message, rest) = self.rest.split_at_checked(length)?;
        self.lengths = lengths;
        self.rest = rest;
        Some(message)
    }
}
