//! What is verified in one call.

use signer_abi::ErrorCode;

/// What comes before the messages for each of them: the public key, the signature, and the message's length, u32 little-endian.
pub(crate) const HEAD_LEN: usize = 32 + 64 + 4;

/// One signature, with what it is of.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) public_key: &'a [u8; 32],
    pub(crate) signature: &'a [u8; 64],
    pub(crate) message: &'a [u8],
}

/// All of them: their heads, and then their messages end to end.
#[derive(Clone)]
pub(crate) struct Items<'a> {
    heads: &'a [u8],
    messages: &'a [u8],
}

impl<'a> Items<'a> {
    /// Of a batch of `count`, where the lengths add up to the bytes behind the heads.
    pub(crate) fn of_batch(batch: &'a [u8], count: usize) -> Result<Self, ErrorCode> {
        let (heads, messages) = batch.split_at(count * HEAD_LEN);
        let items = Self { heads, messages };
        let mut checked = items.clone();
        while !checked.heads.is_empty() {
            checked.next().ok_or(ErrorCode::BatchLayout)?;
        }
        if checked.messages.is_empty() { Ok(items) } else { Err(ErrorCode::BatchLayout) }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (public_key, rest) = self.heads.split_first_chunk()?;
        let (signature, rest) = rest.split_first_chunk()?;
        let (length, heads) = rest.split_first_chunk()?;
        let (message, messages) = self.messages.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.heads = heads;
        self.messages = messages;
        Some(Item { public_key, signature, message })
    }
}
