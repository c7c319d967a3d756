// ANCHOR: all
#[test]
fn a_frame_is_four_bytes_longer() {
    assert_eq!(frame(b"hello").len(), 4 + 5);
}

#[test]
fn a_frame_ends_with_the_message() {
    assert!(frame(b"hello").ends_with(b"hello"));
}
// ANCHOR_END: all
