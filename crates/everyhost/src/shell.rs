//! Commands that a reader can paste into a shell.

use std::env;
use std::fmt::Write as _;
use std::path::Path;

use crate::root;
use crate::visible::is_hidden;

/// How this program was called, as a path or a name, with `--root` if it would not find the root without.
pub(crate) fn program(root: &Path) -> Vec<String> {
    let name = env::args_os().next().unwrap_or_else(|| "everyhost".into());
    let mut words = vec![name.to_string_lossy().into_owned()];
    if !root::is_found(root) {
        words.extend(option("--root", &root.display().to_string()));
    }
    words
}

pub(crate) fn line(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| quote(word.as_ref())).collect();
    words.join(" ")
}

/// A path for a command line, even if it begins with `-`.
pub(crate) fn path(path: &Path) -> String {
    let shown = path.display().to_string();
    if shown.starts_with('-') { format!("./{shown}") } else { shown }
}

/// An option and its value: one word where the value looks like an option itself.
pub(crate) fn option(name: &str, value: &str) -> Vec<String> {
    if value.starts_with('-') { vec![format!("{name}={value}")] } else { vec![name.into(), value.into()] }
}

/// What cannot be seen is written as bytes, so that it can be copied.
fn quote(word: &str) -> String {
    if !word.contains(is_hidden) {
        return shlex::try_quote(word).map_or_else(|_| word.to_string(), std::borrow::Cow::into_owned);
    }
    let mut quoted = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\x{byte:02x}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn bash_reads_back_what_was_quoted() {
        let words = ["plain", "two words", "it's", "", "$x `id`", "a\nb\u{1b}'\\ \u{202e}é", "*", "#"];
        let script = format!("printf '%s\\0' {}", line(words));
        assert!(!script.contains(is_hidden));
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        let read: Vec<&[u8]> = output.stdout.split(|byte| *byte == 0).collect();
        assert_eq!(read[..words.len()], words.map(str::as_bytes));
    }
}
