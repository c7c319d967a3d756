#[path = "halves.rs"]
mod halves;

fn main() {
    for (before, after) in [("", ""), ("a", "a"), ("ab", "aa"), ("abc", "aba"), ("abcdef", "abccba")] {
        let mut buffer = before.as_bytes().to_vec();
        halves::mirror(&mut buffer);
        assert_eq!(buffer, after.as_bytes(), "{before}");
    }
}
