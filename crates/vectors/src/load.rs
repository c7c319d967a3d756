//! Reads the files of vectors, and says what is wrong with them: one line a problem.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::begin::Common;
use crate::check;
use crate::digests;
use crate::file::{self, MIB};
use crate::form;
use crate::json;
use crate::model::{Case, Face, SCHEMA, Source, Suite};
use crate::table;
use crate::written::Files;

/// The file beside the suites that is not one of them.
pub const SCHEMA_FILE: &str = "schema.json";

/// The most bytes that a file of vectors may have.
const MOST_OF_A_FILE: u64 = 64 * MIB;

/// The most bytes that the files of a directory may have together: what is read takes many times as much memory.
const MOST_TOGETHER: u64 = 128 * MIB;

/// What is wrong with a file or a directory, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Problems(pub Vec<String>);

/// Every suite of a directory, in the order of the file names.
pub fn load_dir(dir: &Path) -> Result<Vec<Suite>, Problems> {
    let paths = suite_paths(dir).map_err(|error| {
        Problems(vec![format!("{}: the directory of vectors cannot be read: {error}", dir.display())])
    })?;
    if paths.is_empty() {
        return Err(Problems(vec![format!("{}: no vectors (*.json) are there", dir.display())]));
    }
    let together: u64 = paths.iter().map(|path| fs::metadata(path).map_or(0, |about| about.len())).sum();
    if together > MOST_TOGETHER {
        return Err(Problems(vec![format!(
            "{}: its vectors have {} MiB together; the limit is {} MiB",
            dir.display(),
            together.div_ceil(MIB),
            MOST_TOGETHER / MIB
        )]));
    }
    let (mut suites, mut problems) = (Vec::new(), Vec::new());
    for path in &paths {
        match load_file(path) {
            Ok(suite) => suites.push(suite),
            Err(Problems(more)) => problems.extend(more),
        }
    }
    problems.extend(ids_in_two_suites(&suites));
    let complete = problems.is_empty();
    problems.extend(digests::problems(dir, &suites, complete));
    if problems.is_empty() { Ok(suites) } else { Err(Problems(problems)) }
}

/// One suite, checked.
pub fn load_file(path: &Path) -> Result<Suite, Problems> {
    let shown = path.display();
    let text =
        file::read_text(path, MOST_OF_A_FILE).map_err(|problem| Problems(vec![format!("{shown}: {problem}")]))?;
    if text.trim().is_empty() {
        return Err(Problems(vec![format!(
            "{shown}: is empty; a file of vectors is a JSON object with \"schema\": {SCHEMA:?}"
        )]));
    }
    parse(&text, path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default(), Files::beside(path))
        .map_err(|problems| Problems(problems.into_iter().map(|problem| format!("{shown}: {problem}")).collect()))
}

/// The paths of a directory's suites, sorted.
fn suite_paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if is_json && path.file_name().is_some_and(|name| name != SCHEMA_FILE) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A suite, its cases not yet looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "schema")]
    _schema: String,
    suite: String,
    face: Face,
    module: Option<String>,
    count: usize,
    source: Source,
    #[serde(default)]
    flags: BTreeMap<String, String>,
    imports: Option<Json>,
    #[serde(default)]
    begin: Vec<Json>,
    cases: Vec<Json>,
}

/// How `begin` is written.
const BEGIN: &str = r#"[{"step":{"do":"call","export":"_initialize"},"expect":{"ok":{"results":[]}}}]"#;

fn parse(text: &str, stem: &str, mut files: Files) -> Result<Suite, Vec<String>> {
    let mut json = json::read(text.as_bytes()).map_err(|error| vec![error.to_string()])?;
    match json.get("schema").and_then(Json::as_str) {
        Some(SCHEMA) => {}
        Some(other) => {
            return Err(vec![format!("schema is {other:?}; this version reads {SCHEMA:?}")]);
        }
        None => {
            return Err(vec![format!("no \"schema\": a file of vectors has \"schema\": {SCHEMA:?}")]);
        }
    }
    let problems = form::head_problems(&mut json);
    if !problems.is_empty() {
        return Err(problems);
    }
    let Header { _schema, suite, face, module, count, source, flags, imports, begin, cases } =
        Header::deserialize(json).map_err(|error| vec![error.to_string()])?;
    let common = Common::deserialize(json!({"imports": imports, "begin": begin}))
        .map_err(|error| vec![format!("begin: {error}; it is such as {BEGIN}")])?;

    let mut problems = Vec::new();
    if suite != stem {
        problems.push(format!("suite is {suite:?} but the file is {stem}.json; the two must be equal"));
    }
    if module.is_some() && !matches!(face, Face::Own | Face::Component) {
        problems.push("module: a suite names its module only if its face is \"own\" or \"component\"".into());
    }
    let mut good: Vec<Case> = Vec::with_capacity(cases.len());
    // If a table is wrong, the number of its cases is unknown.
    let (mut found, mut all_found) = (0, true);
    for (index, case) in cases.into_iter().enumerate() {
        let name = |case: &Json| match case.get("id").and_then(Json::as_str) {
            Some(id) => format!("case {id}"),
            None => format!("case number {}", index + 1),
        };
        let mut wrong = |name: &str, more: Vec<String>| {
            problems.extend(more.into_iter().map(|problem| format!("{name}: {problem}")));
        };
        let whole = name(&case);
        let rows = table::rows(case).unwrap_or_else(|more| {
            wrong(&whole, more);
            all_found = false;
            Vec::new()
        });
        for mut case in rows {
            found += 1;
            common.write_out(&mut case);
            let name = name(&case);
            match parse_case(case, &flags, &mut files) {
                Ok(case) => good.push(case),
                Err(more) => wrong(&name, more),
            }
        }
    }
    let advice = match found.cmp(&count) {
        Ordering::Less => "the file was cut short?",
        Ordering::Equal => "",
        Ordering::Greater => "set count, or remove a case",
    };
    if all_found && found != count {
        problems.push(format!("has {found} cases but says count {count}: {advice}"));
    }
    problems.extend(ids_twice(&good));
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Suite { schema: SCHEMA.to_owned(), suite, face, module, count, source, flags, cases: good })
}

fn parse_case(mut json: Json, flags: &BTreeMap<String, String>, files: &mut Files) -> Result<Case, Vec<String>> {
    let mut problems = form::problems(&mut json, files);
    if !problems.is_empty() {
        return Err(problems);
    }
    let case = Case::deserialize(json).map_err(|error| vec![error.to_string()])?;
    problems.extend(
        case.flags
            .iter()
            .filter(|flag| !flags.contains_key(*flag))
            .map(|flag| format!("unknown flag {flag:?}: the suite's \"flags\" must say what it means")),
    );
    problems.extend(check::problems(&case));
    if problems.is_empty() { Ok(case) } else { Err(problems) }
}

fn ids_twice(cases: &[Case]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            let first = seen.insert(&case.id, index)?;
            Some(format!("case {}: duplicate id: cases number {} and {} have it", case.id, first + 1, index + 1))
        })
        .collect()
}

fn ids_in_two_suites(suites: &[Suite]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    suites
        .iter()
        .flat_map(|suite| suite.cases.iter().map(move |case| (&case.id, &suite.suite)))
        .filter_map(|(id, suite)| {
            let first = seen.insert(id, suite)?;
            Some(format!("case {id}: duplicate id: suites {first} and {suite} both have it"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    const GOOD: &str = r#"{
  "schema": "everyhost/vectors/1", "suite": "small", "face": "adder", "count": 2,
  "source": {"name": "this test", "licence": "MIT"},
  "flags": {"Wraps": "the sum wraps"},
  "cases": [
    {"id": "a/1", "op": "add", "in": {"a": 1, "b": 2}, "flags": [], "expect": {"ok": {"value": 3}}},
    {"id": "a/2", "op": "add", "in": {"a": 2147483647, "b": 1}, "flags": ["Wraps"], "expect": {"ok": {"value": -2147483648}}}
  ]
}"#;

    const SIGN: &str = r#"{"id": "a/1", "op": "sign_many", "in": {"keypair": "00", "messages": ["61", "6G"]}, "flags": [], "expect": {"error": "KEY_LENGTH"}}"#;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        (dir, path)
    }

    fn problem(text: &str) -> String {
        let (_dir, path) = written("small.json", text);
        let Problems(problems) = load_file(&path).unwrap_err();
        assert_eq!(problems.len(), 1, "one line for one problem: {problems:?}");
        let prefix = format!("{}: ", path.display());
        problems[0].strip_prefix(&prefix).expect("the file is named").to_owned()
    }

    #[test]
    fn a_good_file_is_read() {
        let (dir, path) = written("small.json", GOOD);
        let suite = load_file(&path).unwrap();
        assert_eq!((suite.count, suite.cases.len()), (2, 2));
        assert_eq!(load_dir(dir.path()).unwrap(), [suite]);
    }

    #[test]
    fn each_problem_is_said_in_one_line() {
        let first = GOOD.lines().nth(5).unwrap();
        let without_first = GOOD.replace(&format!("{first}\n"), "");
        let edits = r#"
            "b": 2 | "b" 2 | line 6, column 51: not JSON: expected `:`
            "b": 2 | "b": 2, "a": 1 | line 6, column 57: the key a is there twice in cases[0].in
            "b": 1} | "b": 1,} | trailing comma
            "licence": "MIT" | "license": "MIT" | source: unknown field "license"; did you mean "licence"?
            "face": "adder" | "face": "ader" | face: "ader" is no face; did you mean "adder"?
            "count": 2 | "count": 2, "module": "m" | module: a suite names its module only if its face is "own"
            "count": 2 | "count": 2, "module": 5 | module: 5: it is the name of a module, as text
            "count": 2 | "count": "2" | count: "2": it is a number, without quotes
            "count": 2 | "count": 1 | has 2 cases but says count 1
            vectors/1 | vectors/2 | this version reads "everyhost/vectors/1"
            "schema" | "scheme" | no "schema"
            "suite": "small" | "suite": "big" | suite is "big" but the file is small.json
            "count" | "notes": 1, "count" | unknown field "notes"
            a/2 | a/1 | case a/1: duplicate id: cases number 1 and 2 have it
            ["Wraps"] | ["Warps"] | case a/2: unknown flag "Warps"
            "id": "a/2",  |  | case number 2: missing field "id"
            "a": 1 | "a": 2147483648 | case a/1: in.a: 2147483648: it is a whole number from -2147483648 to 2147483647
            {"value": 3} | {"valid": true} | case a/1: expect: add answers
        "#;
        let edits = edits.lines().map(str::trim).filter(|line| !line.is_empty());
        let edited = edits.map(|line| {
            let [from, to, said] = line.split(" | ").collect::<Vec<_>>().try_into().unwrap();
            (GOOD.replace(from, to), said)
        });
        let others = [
            (GOOD[..200].to_owned(), "line 6, column 11: not JSON"),
            (GOOD[..200].to_owned(), "the file was cut short?"),
            (format!("// mine\n{GOOD}"), "line 1, column 1: not JSON: expected value: JSON has no comments"),
            ("[]".into(), "no \"schema\""),
            ("".into(), "is empty; a file of vectors is a JSON object"),
            (format!("\u{feff}{GOOD}"), "begins with a byte order mark (BOM"),
            (without_first, "has 1 cases but says count 2: the file was cut short?"),
            (
                GOOD.replace(first.trim(), &format!("{SIGN},")),
                "case a/1: in.messages[1]: wrong hex digit 'G' at position 1",
            ),
        ];
        for (text, said) in edited.chain(others) {
            let problem = problem(&text);
            assert_has(&problem, said);
            assert!(!problem.contains('\n'), "{problem}");
        }
    }

    #[test]
    fn a_table_is_written_out_and_counted_by_its_rows() {
        let table = r#""a": {"cell": "a"}, "b": 2}, "table": {"x": {"a": 1}, "y": {"a": 1}}"#;
        let with_table = GOOD.replace(r#""a": 1, "b": 2}"#, table).replace(r#""count": 2"#, r#""count": 3"#);
        let (_dir, path) = written("small.json", &with_table);
        let ids: Vec<String> = load_file(&path).unwrap().cases.into_iter().map(|case| case.id).collect();
        assert_eq!(ids, ["a/1/x", "a/1/y", "a/2"]);
        let other = with_table.replace(r#""y": {"a": 1}"#, r#""y": {"b": 1}"#);
        let (_dir, path) = written("small.json", &other);
        let said = load_file(&path).unwrap_err().to_string();
        assert_has(&said, "case a/1: table.y: it has no cell \"a\", which the case asks for");
        assert!(!said.contains("count"), "{said}");
    }

    #[test]
    fn bytes_may_be_text_or_a_file_beside_the_vectors() {
        let input = r#""op": "sign", "in": {"keypair": {"file": "key.bin"}, "message": {"text": "h\u00e9"}}"#;
        let first = r#""op": "add", "in": {"a": 1, "b": 2}"#;
        let with =
            GOOD.replace(first, input).replace(r#"{"ok": {"value": 3}}"#, r#"{"ok": {"signature": {"length": 64}}}"#);
        let (dir, path) = written("small.json", &with);
        assert_has(
            load_file(&path).unwrap_err().to_string(),
            "case a/1: in.keypair: \"file\": \"key.bin\" cannot be read",
        );
        fs::write(dir.path().join("key.bin"), [7; 3]).unwrap();
        let case = &load_file(&path).unwrap().cases[0];
        assert_eq!(case.op.input(), json!({"keypair": "070707", "message": "68c3a9"}));
        let (_dir, path) = written("small.json", &with.replace(r#"{"length": 64}"#, r#"{"length": 63}"#));
        fs::write(path.with_file_name("key.bin"), [7; 3]).unwrap();
        assert_has(load_file(&path).unwrap_err().to_string(), "case a/1: expect: a signature of 63 bytes");
    }

    #[test]
    fn an_id_belongs_to_one_suite() {
        let (dir, _) = written("small.json", GOOD);
        fs::write(dir.path().join("other.json"), GOOD.replace("\"small\"", "\"other\"")).unwrap();
        let error = load_dir(dir.path()).unwrap_err().to_string();
        assert_has(&error, "case a/1: duplicate id: suites other and small both have it");
    }

    #[test]
    fn an_empty_directory_is_no_green_run() {
        let dir = tempfile::tempdir().unwrap();
        assert_has(load_dir(dir.path()).unwrap_err().to_string(), "no vectors");
        assert_has(load_dir(&dir.path().join("none")).unwrap_err().to_string(), "cannot be read");
    }
}
