//! File names and anchors, made from names in reports: safe in a path and an address, and no two alike.

use std::collections::BTreeSet;

use crate::manifest::sha256_hex;
use crate::report::Report;
use crate::report::address::encoded;

const MOST_NAME: usize = 80;

const MOST_ANCHOR: usize = 200;

/// How many hexadecimal digits of a hash tell names apart.
const HASH: usize = 16;

/// A file name for any name. A plain name is kept. Any other gets a `~` and a hash, and no plain name has a `~`.
pub(super) fn slug(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if starts && name.len() <= MOST_NAME && name.chars().all(is_plain) && !name.ends_with('.') {
        return name.to_owned();
    }
    let readable: String = name.chars().filter(char::is_ascii_alphanumeric).take(MOST_NAME / 2).collect();
    format!("{}~{}", readable.to_ascii_lowercase(), &sha256_hex(name.as_bytes())[..HASH])
}

/// The anchor of a case: its percent-encoded id, which never changes.
pub(super) fn anchor(id: &str) -> String {
    let anchor = encoded(id);
    if anchor.len() <= MOST_ANCHOR {
        return anchor;
    }
    format!("{}~{}", &anchor[..MOST_ANCHOR / 2], &sha256_hex(id.as_bytes())[..HASH])
}

/// When it started, and the start of its hash: `20261130T115653Z-1a2b3c4d`.
pub(super) fn report_id(report: &Report, sha256: &str) -> String {
    let seconds = report.started.get(..19).unwrap_or_default();
    let time: String = seconds.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{time}Z-{}", &sha256[..8])
}

/// Where a case is shown, from the root of the site.
pub(super) fn case_href(suite: &str, case: &str) -> String {
    format!("{}#{}", suite_path(suite), anchor(case))
}

pub(super) fn suite_path(suite: &str) -> String {
    format!("cases/{}.html", slug(suite))
}

pub(super) fn host_path(row: &str) -> String {
    format!("hosts/{}.html", slug(row))
}

pub(super) fn module_path(module: &str) -> String {
    format!("modules/{}.html", slug(module))
}

pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_and_its_own() {
        assert_eq!(slug("ed25519-edge_cases.2"), "ed25519-edge_cases.2");
        let odd = [
            "",
            "..",
            "../../etc/passwd",
            "/etc",
            ".git",
            "a.",
            "A",
            "a",
            "é",
            "a/b",
            "a\0b",
            "<b>",
            "a b",
            &"a".repeat(81),
        ];
        let slugs: BTreeSet<String> = odd.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), odd.len(), "two are alike: {slugs:?}");
        for slug in slugs {
            assert!(
                slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.~".contains(&b)),
                "{slug}"
            );
            assert!(!slug.starts_with('.') && slug.len() < 100, "{slug}");
        }
        // Nobody can take the name of another's file.
        assert_ne!(slug(&slug("A")), slug("A"));
    }

    #[test]
    fn an_anchor_is_the_id() {
        assert_eq!(anchor("ed25519/edge/0-x_y.z"), "ed25519/edge/0-x_y.z");
        assert_eq!(anchor("a b\"é"), "a%20b%22%c3%a9");
        let long = |end: char| anchor(&format!("{}{end}", "x".repeat(5_000)));
        assert!(long('a').len() < MOST_ANCHOR && long('a') != long('b'));
    }
}
