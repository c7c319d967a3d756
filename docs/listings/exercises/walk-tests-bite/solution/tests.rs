// ANCHOR: all
#[test]
fn a_frame_is_the_length_and_then_the_message() {
    assert_eq!(frame(b"hello"), b"\x05\x00\x00\x00hello");
}

#[test]
fn a_length_of_more_than_one_byte_is_whole() {
    assert_eq!(frame(&[7; 0x01_0203])[..4], [3, 2, 1, 0]);
}

#[test]
fn the_length_is_that_of_the_bytes() {
    assert_eq!(frame("blåbær".as_bytes())[..4], [8, 0, 0, 0]);
    assert_eq!(frame(&[0xff, 0xfe])[..4], [2, 0, 0, 0]);
}
// ANCHOR_END: all
