//! Text that is not ours (of a module, vectors, an adapter, a file's name), made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

/// The text with every character that cannot be seen, or moves others, written out: a newline as `\n`, an escape as
/// `\u{1b}`. The result is one line, and is well-formed in XML.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// The same for every text in a value, names of fields too.
pub fn visible_in(value: Value) -> Value {
    match value {
        Value::String(text) => match visible(&text) {
            Cow::Borrowed(_) => Value::String(text),
            Cow::Owned(shown) => Value::String(shown),
        },
        Value::Array(values) => values.into_iter().map(visible_in).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (visible(&name).into_owned(), visible_in(value))).collect()
        }
        other => other,
    }
}

/// Control characters, line ends, marks that turn the direction of text, what has no width, and what is no character.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_hidden_and_leaves_the_rest() {
        assert_eq!(visible("añ 日本 😀 \\ \"x\""), "añ 日本 😀 \\ \"x\"");
        assert_eq!(visible("a\n\t\r\u{1b}[2J"), "a\\n\\t\\r\\u{1b}[2J");
        let all = "\0\u{7f}\u{9b}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}\u{fdd0}\u{feff}";
        for hidden in all.chars() {
            assert_eq!(visible(&hidden.to_string()), format!("\\u{{{:x}}}", u32::from(hidden)));
        }
        let value = serde_json::json!({"a\n": ["\u{202e}"], "n": 1});
        assert_eq!(visible_in(value), serde_json::json!({"a\\n": ["\\u{202e}"], "n": 1}));
    }
}
