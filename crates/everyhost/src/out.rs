//! Everything that the tool prints. A line is data and nothing else: whatever a module, vectors or an adapter put into
//! it, it stays one line, moves no cursor, and is no command to a CI service that reads the log.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use vectors::load::Problems;

use crate::visible::visible;

/// Without colour.
pub const PLAIN: Style = Style::new();
/// What is wrong.
pub const RED: Style = AnsiColor::Red.on_default().bold();
/// What is right.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What is wrong and known to be.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();

/// What GitHub's, Azure's and TeamCity's runners look for anywhere in a line.
const COMMAND_STARTS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// Why stdout could not be written to.
static BROKEN: OnceLock<io::Error> = OnceLock::new();

/// Prints one line on stdout.
pub fn say(line: impl Display) {
    parts(&[(PLAIN, &line.to_string())]);
}

/// Prints one line of differently coloured parts on stdout.
pub fn parts(parts: &[(Style, &str)]) {
    write(&coloured(parts));
}

/// The same on stderr, for what is gone when the run has ended.
pub fn aside(parts: &[(Style, &str)]) {
    let _ = anstream::stderr().write_all(coloured(parts).as_bytes());
}

/// How many columns the terminal has; none if stdout is something else.
pub fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size().1.into())
}

fn coloured(parts: &[(Style, &str)]) -> String {
    let whole: String = parts.iter().map(|(_, text)| *text).collect();
    let mut line = String::new();
    if is_command(&whole) {
        line.push('\\');
    }
    for (style, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
        line += &format!("{style}{}{style:#}", inert(text));
    }
    line.push('\n');
    line
}

/// Prints several lines of ours on stdout, such as a table.
pub fn lines(text: &str) {
    text.lines().for_each(say);
}

/// Prints text that is all ours, colours too, on stdout.
pub fn own(text: &str) {
    write(text);
}

/// Prints one line on stderr, with the name of the tool before it. That nobody hears it is no failure.
pub fn complain(line: impl Display) {
    let _ = writeln!(anstream::stderr(), "everyhost: {}", inert(&line.to_string()));
}

/// Prints a line of another program on stderr as it is, colours too, but never as a command.
pub fn pass_on(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints an error on stderr. What it has beyond one line, such as a list of faults, stands behind a bar: it may be
/// somebody's text, which is not to begin a line.
pub fn complain_of(error: &anyhow::Error) {
    if let Some(Problems(problems)) = error.downcast_ref() {
        problems.iter().for_each(complain);
        return;
    }
    let text = format!("{error:#}");
    let mut lines = text.lines();
    complain(lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(anstream::stderr(), "  | {}", inert(line));
    }
}

/// Whether all that was printed has arrived; a reader that has heard enough, such as `head`, is no error.
pub fn finish() -> Result<(), &'static io::Error> {
    if let Err(error) = io::stdout().flush() {
        note(error);
    }
    match BROKEN.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

fn write(line: &str) {
    if BROKEN.get().is_some() {
        return;
    }
    if let Err(error) = anstream::stdout().write_all(line.as_bytes()) {
        note(error);
    }
}

fn note(error: io::Error) {
    let _ = BROKEN.set(error);
}

/// Visible, and without the start of a command.
fn inert(text: &str) -> Cow<'_, str> {
    let mut shown = visible(text);
    for start in COMMAND_STARTS {
        if shown.contains(start) {
            shown = Cow::Owned(shown.replace(start, &start.replacen("##", "#\\u{23}", 1)));
        }
    }
    shown
}

/// GitHub's runner takes such a line for a command, blanks before it or not.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command() {
        assert!(is_command("  ::error::x") && !is_command("why ::error::x"));
        assert_eq!(inert("a ##[error]"), "a #\\u{23}[error]");
        assert_eq!(inert("###vso[x]"), "##\\u{23}vso[x]");
        assert_eq!(inert("## heading"), "## heading");
    }
}
