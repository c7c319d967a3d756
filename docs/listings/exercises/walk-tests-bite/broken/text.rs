/// Puts the length of `message` in front of it: four bytes, the least significant first.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let length = String::from_utf8_lossy(message).chars().count() as u32;
    [&length.to_le_bytes(), message].concat()
}
