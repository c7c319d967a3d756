//! The list of the suites in vectors/README.md.

use std::path::Path;

use super::File;
use super::marked::Part;
use vectors::Suite;

const PART: Part =
    Part { page: "vectors/README.md", start: "<!-- suites: written by `make vectors` -->", end: "<!-- /suites -->" };

pub(super) fn file(root: &Path, suites: &[Suite]) -> anyhow::Result<File> {
    let rows: String = suites.iter().map(|suite| row(suite) + "\n").collect();
    let flags: String = suites.iter().filter(|suite| !suite.flags.is_empty()).map(flags).collect();
    PART.file(root, &format!("| suite | face | cases | source | licence |\n|---|---|---|---|---|\n{rows}\n{flags}"))
}

fn row(suite: &Suite) -> String {
    let source = &suite.source;
    let sha256 = source.sha256.as_ref().map_or_else(String::new, |sha256| format!("; sha256 `{sha256}`"));
    let face = serde_json::to_string(&suite.face).expect("a face is a string").replace('"', "");
    format!(
        "| `{name}` | `{face}` | {count} | {from}{sha256} | {licence} |",
        name = suite.suite,
        count = suite.count,
        from = source.name,
        licence = source.licence
    )
}

fn flags(suite: &Suite) -> String {
    let lines: String = suite
        .flags
        .iter()
        .map(|(flag, meaning)| {
            let cases = suite.cases.iter().filter(|case| case.flags.contains(flag)).count();
            format!("- `{flag}` ({cases}): {meaning}\n")
        })
        .collect();
    format!("Flags of `{}`, and how many cases carry each:\n\n{lines}\n", suite.suite)
}
