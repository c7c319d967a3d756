//! `size.html`: the sizes for people. One file, no network, light and dark, on a phone too.

use anyhow::Result;
use everyhost::page::render;
use everyhost::text::thousands;
use minijinja::value::Serde;
use serde_json::{Value, json};

use super::parts::{GROUPS, Part, SECTIONS};
use super::{Report, Rung};

/// Bars are drawn on a canvas of so many units and stretched to the width of the page.
const WIDTH: f64 = 1000.0;

/// What is larger is drawn at a scale of its own: the chapter's debug build is twenty times as large as the next.
const LONGEST: u64 = 140_000;

/// What is shown under one heading: whose builds, and what to say about them.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("chapter", "The chapter's source, step by step", "What the chapter does to its module, with today's compiler."),
    (
        "everyhost",
        "The modules",
        "Every build of this workspace. The signers verify, hold keys and wipe, which the chapter's does not, unless their name says otherwise.",
    ),
    (
        "peer",
        "Others, as npm installs them",
        "What a page would load to sign with them; of scripts, only the whole is known.",
    ),
];

pub(super) fn page(report: &Report) -> Result<String> {
    let of = |family: &str| report.sizes.iter().filter(|rung| rung.of == family).collect::<Vec<_>>();
    let scale = scale(&report.sizes);
    let families: Vec<_> = FAMILIES
        .iter()
        .map(|(family, title, about)| {
            let rows: Vec<_> = of(family).into_iter().map(|rung| row(rung, scale)).collect();
            json!({"id": family, "title": title, "about": about, "rows": rows})
        })
        .collect();
    let values = json!({
        "css": everyhost::CSS,
        "sentence": sentence(report),
        "report": report,
        "families": families,
        "ladder": ladder(&of("ladder"), scale),
        "groups": legend(GROUPS, "g"),
        "sections": legend(SECTIONS, "s"),
    });
    render(include_str!("../../templates/size.html"), Serde(values).into())
}

/// What there is to say first: the smallest signer that verifies, against the script that the chapter compares with.
fn sentence(report: &Report) -> String {
    let find = |name: &str| report.sizes.iter().find(|rung| rung.name == name && rung.of != "ladder");
    let Some(small) = find("signer-small") else {
        return "The size of every build".to_owned();
    };
    let ours =
        format!("signs and verifies in {} bytes, {} after gzip", thousands(small.bytes), thousands(small.gzip_bytes));
    match find("tweetnacl") {
        Some(peer) => {
            format!("signer-small {ours}; tweetnacl takes {} and {}", thousands(peer.bytes), thousands(peer.gzip_bytes))
        }
        None => format!("signer-small {ours}"),
    }
}

fn scale(sizes: &[Rung]) -> f64 {
    let lengths = sizes.iter().map(|rung| rung.bytes).filter(|bytes| *bytes <= LONGEST);
    WIDTH / lengths.max().unwrap_or(LONGEST) as f64
}

fn row(rung: &Rung, scale: f64) -> Value {
    let own_scale = rung.bytes > LONGEST;
    let scale = if own_scale { WIDTH / rung.bytes as f64 } else { scale };
    let groups = rung.parts.as_ref().and_then(|parts| parts.groups.as_ref());
    let sections = rung.parts.as_ref().map(|parts| &parts.sections);
    json!({
        "rung": rung,
        "own_scale": own_scale,
        "groups": match groups {
            Some(groups) => bar(groups, "g", scale),
            None => whole(rung.bytes, scale),
        },
        "sections": sections.map(|sections| bar(sections, "s", scale)),
    })
}

/// A build after the other, each with what it won over the one before.
fn ladder(rungs: &[&Rung], scale: f64) -> Vec<Value> {
    let mut before: Option<&Rung> = None;
    let mut rows = Vec::new();
    for rung in rungs {
        let mut row = row(rung, scale);
        let won = |of: fn(&Rung) -> u64| before.map(|before| signed(i128::from(of(before)) - i128::from(of(rung))));
        row["won"] = json!(won(|rung| rung.bytes));
        row["won_gzip"] = json!(won(|rung| rung.gzip_bytes));
        rows.push(row);
        before = Some(rung);
    }
    rows
}

fn signed(number: i128) -> String {
    let digits = thousands(u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX));
    if number < 0 { format!("−{digits}") } else { digits }
}

/// The pieces of a bar: where each begins, how wide it is, its class and what it says when pointed at.
fn bar(parts: &[Part], class: &str, scale: f64) -> Value {
    let mut from = 0.0;
    let mut pieces = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        let width = (part.bytes as f64 * scale).min(WIDTH - from);
        if width > 0.0 {
            pieces.push(json!({
                "x": format!("{from:.2}"),
                "width": format!("{width:.2}"),
                "class": format!("{class}{n}"),
                "title": format!("{}: {} bytes", part.name, thousands(part.bytes)),
            }));
        }
        from += width;
    }
    json!({
        "pieces": pieces,
        "label": parts.iter().filter(|part| part.bytes > 0)
            .map(|part| format!("{} {}", part.name, thousands(part.bytes))).collect::<Vec<_>>().join(", "),
    })
}

fn whole(bytes: u64, scale: f64) -> Value {
    let width = (bytes as f64 * scale).min(WIDTH);
    json!({
        "pieces": [{"x": "0", "width": format!("{width:.2}"), "class": "whole", "title": format!("{} bytes", thousands(bytes))}],
        "label": format!("{} bytes", thousands(bytes)),
    })
}

fn legend(names: &[&str], class: &str) -> Vec<Value> {
    let entry = |(n, name): (usize, &&str)| json!({"name": name, "class": format!("{class}{n}")});
    names.iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::report_for_tests;

    fn rendered() -> String {
        page(&report_for_tests()).unwrap()
    }

    #[test]
    fn the_page_has_every_build_with_its_three_sizes_and_needs_no_network() {
        let page = rendered();
        for rung in report_for_tests().sizes {
            for text in
                [rung.name.clone(), thousands(rung.bytes), thousands(rung.gzip_bytes), thousands(rung.brotli_bytes)]
            {
                assert!(page.contains(&text), "{text} of {}", rung.name);
            }
        }
        assert!(
            page.contains("signer-small signs and verifies in 21,000 bytes, 10,500 after gzip; tweetnacl takes 32,110")
        );
        assert!(page.contains("59,000"), "what the ladder's second step won");
        assert!(page.contains("&lt;how&gt;") && page.contains("&lt;why&gt;"), "what is given is escaped");
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
        assert!(!page.contains("src=\"") && !page.contains("href=\"http") && !page.contains("url("));
    }

    #[test]
    fn each_piece_of_a_bar_begins_where_the_last_one_ends() {
        let parts = [("a", 600), ("b", 0), ("c", 400)].map(|(name, bytes)| Part { name, bytes });
        let drawn = bar(&parts, "g", 1.0);
        let pieces = drawn["pieces"].as_array().unwrap();
        assert_eq!(pieces.len(), 2);
        assert_eq!((&pieces[1]["x"], &pieces[1]["width"]), (&json!("600.00"), &json!("400.00")));
        assert_eq!(pieces[1]["class"], "g2");
        assert_eq!(drawn["label"], "a 600, c 400");
    }

    #[test]
    fn what_is_too_long_has_a_scale_of_its_own_and_says_so() {
        let report = report_for_tests();
        let drawn = row(&report.sizes[0], scale(&report.sizes));
        assert_eq!(drawn["own_scale"], true);
        assert_eq!(row(&report.sizes[4], scale(&report.sizes))["own_scale"], false);
        let pieces = drawn["groups"]["pieces"].as_array().unwrap();
        let end = |piece: &Value| {
            let number = |key: &str| piece[key].as_str().unwrap().parse::<f64>().unwrap();
            number("x") + number("width")
        };
        assert!((end(pieces.last().unwrap()) - WIDTH).abs() < 0.1);
        assert_eq!(rendered().matches("scale of their own").count(), 1);
    }

    #[test]
    fn a_step_that_loses_says_so() {
        assert_eq!((signed(1234), signed(-1234)), ("1,234".to_owned(), "−1,234".to_owned()));
    }
}
