//! What is said of a file, for people.

use std::collections::BTreeMap;

use crate::exports::word;
use crate::fitness::{Fitness, How};
use crate::format::INSTEAD_OF_A_COMPONENT;
use crate::text::{count, names, thousands};
use crate::{Feature, Group, Inspection, Memory, kind};

const MOST_NAMES: usize = 8;

impl Inspection {
    /// What is said of the file, for people, line by line.
    pub fn lines(&self) -> Vec<String> {
        let mut said = vec![format!("{}: {}, {} bytes", self.file, self.kind, thousands(self.bytes))];
        if self.kind == kind::COMPONENT {
            said.push(format!("no row runs components: {INSTEAD_OF_A_COMPONENT}"));
            return said;
        }
        // The title stands before the first line only.
        let mut lines = |title: &str, texts: Vec<String>, nothing: &str| {
            let texts = if texts.is_empty() { vec![nothing.to_string()] } else { texts };
            let titles = [title].into_iter().chain(std::iter::repeat(""));
            said.extend(titles.zip(texts).map(|(title, text)| format!("{title:<10}{text}")));
        };
        if !self.made_by.is_empty() {
            lines("made by", vec![self.made_by.join(", ")], "");
        }
        let feature = |feature: &Feature| match &feature.first {
            Some(first) => format!("{}, first in {first}", feature.name),
            None => feature.name.into(),
        };
        lines("features", self.features.iter().map(feature).collect(), "none beyond the first version of Wasm");
        let group = |group: &Group| {
            let list: Vec<&str> = group.names.iter().map(String::as_str).collect();
            [format!("{} ({}): {}", group.title, list.len(), names(&list, MOST_NAMES)), format!("  {}", group.advice)]
        };
        lines("imports", self.imports.iter().flat_map(group).collect(), "none: any host can run it");
        lines("memories", self.memories.iter().map(memory).collect(), "none");
        let exports = &self.exports;
        let list: Vec<&str> = exports.functions.iter().map(String::as_str).collect();
        let functions = match &list[..] {
            [] => String::new(),
            list => format!("{}: {}", count(list.len(), "function"), names(list, MOST_NAMES)),
        };
        let others: Vec<String> = exports.memories.iter().chain(&exports.others).map(|name| word(name)).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let all = [functions, names(&others, MOST_NAMES)].into_iter().filter(|text| !text.is_empty());
        lines("exports", all.collect(), "none: nothing can be asked of it");
        let first = self.start.call_first.map(|name| format!("call {name} first"));
        let function =
            self.start.has_function.then(|| "a start function, which runs when an instance is made".to_string());
        lines("start", function.into_iter().chain(first).collect(), "nothing runs before the first call");
        match &self.rows {
            Some(rows) => lines("rows", by_way(rows), "none"),
            None => lines("rows", Vec::new(), "no workspace here, which lists them: say where it is with --root DIR"),
        }
        said
    }
}

fn memory(memory: &Memory) -> String {
    let name = match &memory.name {
        Some(name) if memory.is_imported => format!("imported as {name}"),
        Some(name) => format!("exported as {}", word(name)),
        None => "not exported".into(),
    };
    let most = memory.max.map_or_else(|| "no maximum".into(), |max| format!("at most {}", thousands(max)));
    let pages = count(usize::try_from(memory.min).unwrap_or(usize::MAX), "page");
    let shared = if memory.shared { ", shared" } else { "" };
    let long = if memory.has_long_addresses { ", 64-bit addresses" } else { "" };
    format!("{name}: {pages} at first, {most}{shared}{long}")
}

/// The rows that run it in one way are one line; those that do not, one for each reason.
pub fn by_way(rows: &[Fitness]) -> Vec<String> {
    let mut ways: BTreeMap<(How, &Option<String>), Vec<&str>> = BTreeMap::new();
    for row in rows {
        ways.entry((row.how, &row.why)).or_default().push(&row.row);
    }
    let way = |((how, why), rows): ((How, &Option<String>), Vec<&str>)| {
        let how = match how {
            How::AsItIs => "as it is",
            How::AsWasi => "as a WASI program",
            How::WithDeclaredImports => "with declared imports, or virtualized",
            How::Virtualized => "virtualized",
            How::Perhaps => "perhaps",
            How::Not => "not",
        };
        let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{how}: {}{why}", rows.join(", "))
    };
    ways.into_iter().map(way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_by_way_and_reason() {
        let row = |row: &str, how, why: Option<&str>| Fitness { row: row.into(), how, why: why.map(Into::into) };
        let rows = [
            row("a", How::Not, Some("gc: old")),
            row("b", How::AsItIs, None),
            row("c", How::Not, Some("gc: old")),
            row("d", How::Not, Some("simd128: none")),
        ];
        assert_eq!(by_way(&rows), ["as it is: b", "not: a, c (gc: old)", "not: d (simd128: none)"]);
    }

    #[test]
    fn a_memory_is_told_with_its_limits() {
        let own =
            Memory { name: None, is_imported: false, min: 1, max: Some(2000), shared: true, has_long_addresses: false };
        assert_eq!(memory(&own), "not exported: 1 page at first, at most 2,000, shared");
    }
}
