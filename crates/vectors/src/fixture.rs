//! What the tests of several crates share.

#![allow(dead_code, reason = "not every crate has tables")]

/// Fails, and shows the whole text, if it lacks `part`.
#[track_caller]
pub(crate) fn assert_has(text: impl AsRef<str>, part: &str) {
    let text = text.as_ref();
    assert!(text.contains(part), "{part:?} is not in:\n{text}");
}

/// The rows of a table: what is on each side of ` => `.
pub(crate) fn table(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split_once(" => ").expect(line))
}
