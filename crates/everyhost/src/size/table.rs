//! The sizes as a table of Markdown, which is also readable on a terminal.

use super::Rung;
use crate::build::thousands;

pub(super) fn markdown(rungs: &[Rung]) -> String {
    let mut rows = vec![["", "build", "bytes", "gzip -9", "how"].map(str::to_owned)];
    rows.extend(rungs.iter().map(|rung| {
        [
            rung.of.to_owned(),
            rung.name.clone(),
            thousands(rung.bytes),
            thousands(rung.gzip_bytes),
            rung.how.clone(),
        ]
    }));
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    let mut text = String::new();
    for (index, [of, name, bytes, gzip, how]) in rows.iter().enumerate() {
        let [a, b, c, d, e] = widths;
        text += &format!("| {of:<a$} | {name:<b$} | {bytes:>c$} | {gzip:>d$} | {how:<e$} |\n");
        if index == 0 {
            let line = |width| "-".repeat(width);
            text += &format!(
                "| {} | {} | {}: | {}: | {} |\n",
                line(a),
                line(b),
                line(c - 1),
                line(d - 1),
                line(e)
            );
        }
    }
    text
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
            sha256: String::new(),
        };
        let text = markdown(&[rung("debug", 1_234_567), rung("a", 160)]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() == lines[0].chars().count()),
            "{text}"
        );
        assert!(lines[1].contains("---: |"), "{text}");
        assert_eq!(lines[3], "| chapter | a     |       160 |  12,345 | x   |");
    }
}
