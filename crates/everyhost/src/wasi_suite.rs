//! `everyhost run --wasi DIR`: a folder in the form of WebAssembly/wasi-testsuite becomes vectors of one's own. For each NAME.wasm
//! there may be a NAME.json that says what the program is given and what it must do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;
use serde_json::json;
use vectors::Bytes;
use vectors::file::{self, MIB};
use vectors::model::SCHEMA;
use vectors::ops::Op;
use vectors::wasi::{Dir, File, Wasi};

use crate::files;
use crate::own::plain;
use crate::run::read_folder;

/// The most bytes that a program may have: in hex, it is a line of the protocol.
const MOST_BYTES: u64 = 24 * MIB;

/// The module that hosts are given beside the programs, which come with the requests: it has nothing.
const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

/// What NAME.json says. What else it may say is about running the program in other ways.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    args: Vec<String>,
    env: BTreeMap<String, String>,
    dirs: Vec<String>,
    /// A folder that the program sees as `/`.
    root: Option<String>,
    exit_code: u32,
    stdout: Option<String>,
    stderr: Option<String>,
    operations: Option<serde_json::Value>,
}

/// Writes the vectors of the folder to `to`; the module to run them with, and where they are.
pub(crate) fn convert(dir: &Path, to: &Path) -> Result<(PathBuf, PathBuf)> {
    let shown = dir.display();
    let listed = fs::read_dir(dir).with_context(|| format!("{shown}: the folder cannot be read"))?;
    let mut programs: Vec<PathBuf> = listed.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    programs.sort();
    ensure!(!programs.is_empty(), "{shown}: no .wasm file is there; a test is NAME.wasm, with NAME.json beside it");
    let vectors = to.join("vectors");
    if vectors.exists() {
        fs::remove_dir_all(&vectors).with_context(|| format!("{} cannot be made anew", vectors.display()))?;
    }
    let mut names = BTreeSet::new();
    for program in &programs {
        let name = plain(&program.file_stem().unwrap_or_default().to_string_lossy());
        ensure!(
            !name.is_empty() && names.insert(name.clone()),
            "{}: its name is no name, or another's",
            program.display()
        );
        let suite = suite(dir, program, &name).with_context(|| program.display().to_string())?;
        files::replace(&vectors.join(name).with_extension("json"), suite.to_string().as_bytes())?;
    }
    let module = to.join("wasi.wasm");
    files::replace(&module, EMPTY)?;
    Ok((module, vectors))
}

fn suite(dir: &Path, program: &Path, name: &str) -> Result<serde_json::Value> {
    let wasm = file::read(program, MOST_BYTES).map_err(|problem| anyhow!("{problem}"))?;
    let said = program.with_extension("json");
    let given: Given = if said.exists() {
        let text = fs::read(&said).with_context(|| said.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| said.display().to_string())?
    } else {
        Given::default()
    };
    ensure!(
        given.operations.is_none(),
        "\"operations\" are not supported: they talk to a program while it runs, and here a program is run once, then judged; \
         take the test out of the folder, or say it with args, env, dirs, root, exit_code, stdout and stderr"
    );
    let file_name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let root = given.root.iter().map(|name| (name, "/"));
    let dirs = root.chain(given.dirs.iter().map(|name| (name, name.as_str())));
    let dirs = dirs.map(|(name, guest)| folder(dir, name, guest)).collect::<Result<_>>()?;
    let op = Op::Wasi(Wasi {
        wasm: Some(Bytes::from(wasm)),
        args: [file_name].into_iter().chain(given.args).collect(),
        env: given.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        dirs,
        ..Wasi::default()
    });
    let mut output = json!({"exit_code": given.exit_code});
    for (stream, text) in [("stdout", given.stdout), ("stderr", given.stderr)] {
        if let Some(text) = text {
            output[stream] = json!(hex::encode(text));
        }
    }
    Ok(json!({
        "schema": SCHEMA, "suite": name, "face": "own", "count": 1,
        "source": {"name": format!("{name}.wasm and {name}.json"), "licence": "that of the folder"},
        "cases": [{"id": format!("wasi-testsuite/{name}"), "op": "wasi", "in": op.input(), "expect": {"ok": output}}],
    }))
}

/// A copy of a folder beside the program, without what an earlier test left (`….cleanup`); an empty one if it is not there.
fn folder(dir: &Path, name: &str, guest: &str) -> Result<Dir> {
    let at = dir.join(name);
    ensure!(file::is_below(name), "{name:?} is no folder beside the program");
    let mut files: Vec<File> =
        if at.is_dir() { read_folder(&at).with_context(|| at.display().to_string())? } else { Vec::new() };
    files.retain(|file| !file.path.split('/').any(|part| part.ends_with(".cleanup")));
    Ok(Dir { guest: guest.to_owned(), files, host: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    #[test]
    fn a_folder_becomes_vectors() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("tests");
        fs::create_dir_all(dir.join("fs-tests.dir")).unwrap();
        fs::write(dir.join("fs-tests.dir/a"), "x").unwrap();
        fs::create_dir(dir.join("fs-tests.dir/old.cleanup")).unwrap();
        fs::write(dir.join("fs-tests.dir/old.cleanup/b"), "").unwrap();
        fs::write(dir.join("File_stat.wasm"), EMPTY).unwrap();
        fs::write(dir.join("plain.wasm"), EMPTY).unwrap();
        let said = r#"{"dirs": ["fs-tests.dir"], "args": ["fs-tests.dir"], "env": {"A": "1"}, "exit_code": 3, "stdout": "hi"}"#;
        fs::write(dir.join("File_stat.json"), said).unwrap();
        fs::write(dir.join("rooted.wasm"), EMPTY).unwrap();
        fs::write(dir.join("rooted.json"), r#"{"root": "fs-tests.dir"}"#).unwrap();
        let (module, vectors) = convert(&dir, &home.path().join("to")).unwrap();
        assert_eq!(fs::read(module).unwrap(), EMPTY);
        let suites = vectors::load_dir(&vectors).unwrap();
        assert_eq!(suites.len(), 3);
        let case = serde_json::to_value(&suites[0].cases[0]).unwrap();
        assert_eq!(case["id"], "wasi-testsuite/file-stat");
        assert_eq!(case["in"]["args"], json!(["File_stat.wasm", "fs-tests.dir"]));
        assert_eq!(case["in"]["env"], json!(["A=1"]));
        assert_eq!(case["in"]["dirs"], json!([{"guest": "fs-tests.dir", "files": [{"path": "a", "bytes": "78"}]}]));
        assert_eq!(case["expect"], json!({"ok": {"exit_code": 3, "stdout": "6869"}}));
        let plain = serde_json::to_value(&suites[1].cases[0]).unwrap();
        assert_eq!(plain["expect"], json!({"ok": {"exit_code": 0}}));
        let rooted = serde_json::to_value(&suites[2].cases[0]).unwrap();
        assert_eq!(rooted["in"]["dirs"], json!([{"guest": "/", "files": [{"path": "a", "bytes": "78"}]}]));
    }

    #[test]
    fn what_is_no_suite_is_told() {
        let home = tempfile::tempdir().unwrap();
        let convert = || format!("{:#}", convert(home.path(), &home.path().join("to")).unwrap_err());
        assert_has(convert(), "no .wasm file is there");
        fs::write(home.path().join("a.wasm"), EMPTY).unwrap();
        for (said, wrong) in [
            ("{", "a.json"),
            (r#"{"dirs": [".."]}"#, "\"..\" is no folder beside the program"),
            (r#"{"root": "/"}"#, "\"/\" is no folder beside the program"),
            (r#"{"operations": []}"#, "\"operations\" are not supported"),
        ] {
            fs::write(home.path().join("a.json"), said).unwrap();
            assert_has(convert(), wrong);
        }
    }
}
