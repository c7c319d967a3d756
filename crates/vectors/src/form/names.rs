//! The names that are known, where another was written.

use std::fmt::Write as _;

pub(super) fn listing<'n>(known: impl Iterator<Item = &'n str>) -> String {
    let mut list = String::new();
    for name in known {
        let comma = if list.is_empty() { "; there are " } else { ", " };
        let _ = write!(list, "{comma}{name}");
    }
    list
}

/// What people write for it, where the letters are too different to tell.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("args", "arguments params"),
    ("export", "function func fn name"),
    ("ptr", "address offset"),
    ("bytes", "data"),
    ("len", "length size"),
    ("results", "result"),
    ("in", "input"),
    ("expect", "output"),
    ("do", "type op"),
    ("call", "invoke"),
    ("op", "operation"),
    ("licence", "license"),
];

/// The known name that was probably meant.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let lower = name.to_lowercase();
    let other = OTHER_NAMES.iter().find(|(_, others)| others.split(' ').any(|other| other == lower));
    let by_table = || other.and_then(|(meant, _)| known.clone().find(|known| known == meant));
    let by_letters = || {
        let distance = |known: &&str| strsim::damerau_levenshtein(&plain(name), &plain(known));
        let most = name.chars().count().div_ceil(3);
        known
            .clone()
            .filter(|known| distance(known) <= most && distance(known) < known.chars().count())
            .min_by_key(distance)
    };
    by_table().or_else(by_letters)
}
