/// Puts the length of `message` in front of it: four bytes, the least significant first.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = message.len() as u32;
    [&length.to_be_bytes(), message].concat()
}
