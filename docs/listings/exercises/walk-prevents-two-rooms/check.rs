#[path = "rooms.rs"]
mod rooms;

fn main() {
    for (before, after) in [("", ""), ("a", "a"), ("ab", "aa"), ("abc", "aba"), ("abcdef", "abccba")] {
        let mut room = before.as_bytes().to_vec();
        rooms::mirror(&mut room);
        assert_eq!(room, after.as_bytes(), "{before}");
    }
}
