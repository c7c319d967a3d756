//! The sizes as a table of Markdown, which is also readable on a terminal.

use super::Rung;
use super::times::Ratio;
use everyhost::text::thousands;

const COLUMNS: usize = 8;

/// All but whose it is, its name and how it was made.
fn is_number(column: usize) -> bool {
    (2..COLUMNS - 1).contains(&column)
}

/// The build's sizes, and its times against signer-raw.
pub(super) fn markdown(rungs: &[Rung]) -> String {
    let mut rows = vec![["", "build", "bytes", "gzip -9", "brotli", "sign", "verify", "how"].map(str::to_owned)];
    rows.extend(rungs.iter().map(|rung| {
        [
            rung.of.to_owned(),
            rung.name.clone(),
            thousands(rung.bytes),
            thousands(rung.gzip_bytes),
            thousands(rung.brotli_bytes),
            rung.times.as_ref().map_or_else(String::new, |times| ratio(&times.sign)),
            rung.times.as_ref().and_then(|times| times.verify.as_ref()).map_or_else(String::new, ratio),
            rung.how.clone(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<_> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, width))| {
                    if is_number(column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                },
            )
            .collect();
        text += &format!("| {} |\n", cells.join(" | "));
        if index == 0 {
            let lines: Vec<_> = widths
                .iter()
                .enumerate()
                .map(|(column, width)| if is_number(column) { "-".repeat(width - 1) + ":" } else { "-".repeat(*width) })
                .collect();
            text += &format!("| {} |\n", lines.join(" | "));
        }
    }
    text
}

fn ratio(ratio: &Ratio) -> String {
    format!("{:.2}", ratio.median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_numbers_stand_right() {
        let rung = |name: &str, bytes| Rung {
            of: "chapter",
            name: name.to_owned(),
            how: "x".to_owned(),
            bytes,
            gzip_bytes: 12345,
            brotli_bytes: 12_000,
            sha256: String::new(),
            parts: None,
            times: None,
        };
        let text = markdown(&[rung("debug", 1_234_567), rung("a", 160)]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()), "{text}");
        assert!(lines[1].contains("---: |"), "{text}");
        assert_eq!(lines[3], "| chapter | a     |       160 |  12,345 | 12,000 |      |        | x   |");
    }
}
