/// Puts the length of `message` in front of it: four bytes, the least significant first.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::from(message.len() as u8);
    [&length.to_le_bytes(), message].concat()
}
