//! A digest of every case, in a file of its own beside the suites: a bit that flips in an input is found even where
//! the expected answer, a refusal say, happens to stay the right one.
//!
//! The digests are of what was read, not of how it is laid out. They guard against accidents and edits by hand, not
//! against anyone who means harm. A directory without the file, such as one with vectors of your own, is not checked.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::file::{self, MIB};
use crate::model::Suite;

/// Its name, in the directory of the suites.
pub const DIGESTS_FILE: &str = "digests.txt";

const HEAD: &str = "\
# Written by `make vectors`: the first 8 bytes of the SHA-256 of each case as it was read, and of what each suite says
# beside its cases. Loading the vectors compares them.
";

const MOST_OF_IT: u64 = 16 * MIB;

/// Hex digits of a digest.
const DIGITS: usize = 16;

/// The text of the file.
pub fn text(suites: &[Suite]) -> String {
    let mut text = HEAD.to_owned();
    for (name, digest) in suites.iter().flat_map(of) {
        text.push_str(&format!("{digest}  {name}\n"));
    }
    text
}

/// What the suites have other than the file in `dir` says, one line each. `suites` are those that could be read:
/// `complete` tells whether they are all there are.
pub(crate) fn problems(dir: &Path, suites: &[Suite], complete: bool) -> Vec<String> {
    let path = dir.join(DIGESTS_FILE);
    let shown = path.display();
    if !path.exists() {
        return Vec::new();
    }
    let text = match file::read_text(&path, MOST_OF_IT) {
        Ok(text) => text,
        Err(problem) => return vec![format!("{shown}: {problem}")],
    };
    let mut recorded = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        match line.split_once("  ") {
            Some((digest, name)) if digest.len() == DIGITS => {
                recorded.insert(name, digest);
            }
            _ => problems.push(format!(
                "{shown}: line {}: expected {DIGITS} hex digits, two blanks and a name; write it anew with `make vectors`",
                index + 1
            )),
        }
    }
    for suite in suites {
        for (name, digest) in of(suite) {
            let file = dir.join(&suite.suite).with_extension("json");
            let file = file.display();
            match recorded.remove(name.as_str()) {
                Some(expected) if expected == digest => {}
                Some(_) => problems.push(format!(
                    "{file}: case {name}: not what {DIGESTS_FILE} was written for: one of the two was changed or \
                     damaged; see `git diff`, or write both anew with `make vectors`"
                )),
                None => problems
                    .push(format!("{file}: case {name}: not in {DIGESTS_FILE}; write it anew with `make vectors`")),
            }
        }
    }
    if complete {
        problems.extend(
            recorded.keys().map(|name| format!("{shown}: {name}: in no suite; write it anew with `make vectors`")),
        );
    }
    problems
}

/// The names and digests of a suite: of what it says beside its cases, and of each case.
fn of(suite: &Suite) -> impl Iterator<Item = (String, String)> {
    let head = (&suite.schema, &suite.suite, &suite.face, suite.count, &suite.source, &suite.flags);
    std::iter::once((format!("{}.json", suite.suite), digest(&head)))
        .chain(suite.cases.iter().map(|case| (case.id.clone(), digest(case))))
}

fn digest(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("the types of a suite are all JSON");
    hex::encode(&Sha256::digest(json)[..DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixture::assert_has;
    use crate::model::Expect;

    fn suite() -> Suite {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/ed25519-chapter.json");
        crate::load_file(Path::new(file)).unwrap()
    }

    fn written(text: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(DIGESTS_FILE), text).unwrap();
        dir
    }

    #[test]
    fn what_was_written_is_what_is_read() {
        let dir = written(&text(&[suite()]));
        assert_eq!(problems(dir.path(), &[suite()], true), [""; 0]);
        let without = tempfile::tempdir().unwrap();
        assert_eq!(problems(without.path(), &[suite()], true), [""; 0]);
    }

    #[test]
    fn a_case_that_changed_is_named() {
        let dir = written(&text(&[suite()]));
        let mut changed = suite();
        changed.cases[1].expect = Expect::Error("KEY_LENGTH".to_owned());
        let id = changed.cases[1].id.clone();
        let said = problems(dir.path(), &[changed], true);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(&format!("case {id}: not what")), "{said:?}");
        assert!(said[0].contains(".json: "), "{said:?}");
    }

    #[test]
    fn every_bit_of_the_file_counts() {
        let good = text(&[suite()]);
        for at in HEAD.len()..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1;
            let dir = written(std::str::from_utf8(&bytes).unwrap());
            assert!(!problems(dir.path(), &[suite()], true).is_empty(), "byte {at}");
        }
    }

    #[test]
    fn cases_that_come_or_go_are_named() {
        let dir = written(&text(&[suite()]));
        let mut fewer = suite();
        let gone = fewer.cases.pop().unwrap();
        let said = problems(dir.path(), &[fewer], true);
        assert!(said.iter().any(|said| said.contains(&gone.id) && said.contains("in no suite")), "{said:?}");
        let mut more = suite();
        more.cases[0].id = "ed25519/new".to_owned();
        let said = problems(dir.path(), &[more], false);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_has(&said[0], "case ed25519/new: not in digests.txt");
    }
}
