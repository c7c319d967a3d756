//! Tables of text for a terminal: columns side by side, the last one as wide as there is room for.

use anstyle::Style;

use crate::out;

/// A cell: its text and how it is shown.
pub(crate) type Cell = (Style, String);

const GAP: &str = "  ";

const LEAST: usize = 24;

/// Prints the rows: the first column to the left, the others to the right. A row may be shorter than the first.
pub(crate) fn print_numbers(rows: &[Vec<Cell>]) {
    let widths = widths(rows);
    for row in rows {
        let mut line = Vec::new();
        for (at, (style, text)) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[at] - len(text));
            match at {
                0 => line.extend([(*style, text.clone()), (out::PLAIN, blanks)]),
                _ => line.extend([(out::PLAIN, format!("{GAP}{blanks}")), (*style, text.clone())]),
            }
        }
        print(line);
    }
}

/// How wide the rows are, side by side.
pub(crate) fn width(rows: &[Vec<Cell>]) -> usize {
    let widths = widths(rows);
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}

/// Prints rows of plain text under a heading, with numbers in the second column. The last column is wrapped at blanks.
pub(crate) fn print_list(heading: &[&str], rows: &[Vec<String>]) {
    let plain = |text: &str| (out::PLAIN, text.to_string());
    let mut all: Vec<Vec<Cell>> = vec![heading.iter().map(|text| plain(text)).collect()];
    all.extend(rows.iter().map(|row| row.iter().map(|text| plain(text)).collect()));
    let widths = widths(&all);
    let before: usize = widths[..widths.len() - 1].iter().map(|width| width + GAP.len()).sum();
    let room = out::width().unwrap_or(usize::MAX).saturating_sub(before).max(LEAST);
    for row in &all {
        let mut line = String::new();
        for (at, (_, text)) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[at] - len(text));
            if at + 1 == row.len() {
                let lines = wrap(text, room);
                line += &lines.join(&format!("\n{}", " ".repeat(before)));
            } else if at == 1 {
                line += &format!("{blanks}{text}{GAP}");
            } else {
                line += &format!("{text}{blanks}{GAP}");
            }
        }
        out::lines(&line);
    }
}

fn print(mut line: Vec<Cell>) {
    while line.last().is_some_and(|(_, text)| text.trim().is_empty()) {
        line.pop();
    }
    let parts: Vec<(Style, &str)> = line.iter().map(|(style, text)| (*style, text.as_str())).collect();
    out::parts(&parts);
}

fn widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        for (at, (_, text)) in row.iter().enumerate() {
            widths.resize(widths.len().max(at + 1), 0);
            widths[at] = widths[at].max(len(text));
        }
    }
    widths
}

/// Names and numbers are of characters that are one column wide.
fn len(text: &str) -> usize {
    text.chars().count()
}

fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            *line = word.into();
        } else if len(line) + 1 + len(word) <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.into());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_blanks_and_keeps_every_word() {
        assert_eq!(wrap("one, two, three", 9), ["one, two,", "three"]);
        assert_eq!(wrap("a-very-long-word b", 4), ["a-very-long-word", "b"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn is_as_wide_as_its_columns() {
        let row = |texts: &[&str]| texts.iter().map(|text| (out::PLAIN, (*text).to_string())).collect();
        let rows: Vec<Vec<Cell>> = vec![row(&["", "a", "b"]), row(&["node", "12", "–"])];
        assert_eq!(width(&rows), 4 + 2 + 2 + 2 + 1);
    }
}
