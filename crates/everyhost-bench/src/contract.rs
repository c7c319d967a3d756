//! Whether the bench program of each installed host answers as hosts/BENCH.md says.

use std::collections::BTreeMap;
use std::path::Path;

use crate::fixture;
use crate::lineup;
use crate::program::{Program, Signers};
use crate::protocol::{Crossed, Crossing, Hello, Sign, SignerOrder, Task, Use, Verify, Way};
use crate::race::COMPONENT;
use crate::signed;
use everyhost::hosts::{self, Row};

const MESSAGES: usize = 5;

/// The rows whose program times a component, and the module beside it.
const SIGNS_WITH_COMPONENTS: &[&str] =
    &["node", "node-26", "deno", "bun", "chromium", "firefox", "python", "csharp-mono", "csharp-coreclr"];

/// A module that is a signer, and one that is not.
fn task(root: &Path) -> Task {
    let path = |name: &str| root.join(format!("target/modules/{name}.wasm")).display().to_string();
    let order = |id: &str, module: &str, r#use| SignerOrder { id: id.to_owned(), module: module.to_owned(), r#use };
    Task {
        messages: MESSAGES,
        modules: BTreeMap::from(["signer-raw", "add-raw", COMPONENT].map(|name| (name.to_owned(), path(name)))),
        glue: root.join("target/pkg/token_signer.js").display().to_string(),
        component_glue: Some(root.join("target/component/signer-component.js").display().to_string()),
        signers: vec![
            order("one-shot", "signer-raw", Use::OneShot),
            order("held", "signer-raw", Use::Held),
            order("batch", "signer-raw", Use::Batch),
            order("held-small", "add-raw", Use::Held),
            order("verify-raw", "signer-raw", Use::Verify),
            order("verify-lanes", "add-raw", Use::Verify),
        ],
        signed: signed::sets(MESSAGES),
        ..fixture::task()
    }
}

/// Asks everything once; what is not as it should be, in words.
fn talk(row: &Row, root: &Path) -> Result<(), String> {
    let command = row.bench.as_deref().unwrap_or_default();
    let mut program = Program::start(command, root)?;
    let Hello { contestants, missing, .. } = program.hello(&task(root))?;
    let ids: Vec<&str> = contestants.iter().map(|entered| entered.id.as_str()).collect();
    for id in ["one-shot", "held", "batch"] {
        check(ids.contains(&id), || format!("{id} does not take part; those who do: {ids:?}"))?;
    }
    let (verifiers, ids): (Vec<&str>, Vec<&str>) =
        ids.into_iter().partition(|id| lineup::find(id).is_some_and(|known| known.verifies));
    check(ids.len() > 3, || format!("no library of the language takes part: {ids:?}"))?;
    for id in ["held-small", "verify-lanes"] {
        check(missing.iter().any(|missing| missing.id == id), || {
            format!("an adder signs or verifies; missing are {missing:?}")
        })?;
    }
    check(verifiers.contains(&"verify-raw"), || format!("signer-raw does not verify; those who do: {verifiers:?}"))?;
    check(verifiers.len() > 1, || format!("no library of the language verifies: {verifiers:?}"))?;
    for id in verifiers {
        for issuers in [1, 16] {
            let turn = Sign { contestant: id.to_owned(), first: 3, count: 7, a_call: 3 };
            let verified = program.verify(&Verify { issuers, turn })?;
            check(verified.time.wall_ns > 0.0, || format!("{id} took no time"))?;
            // Of hello3, which is spoilt, hello4, hello0 and so on.
            check(verified.verdicts == "00010101010001", || format!("{id}'s verdicts are {}", verified.verdicts))?;
        }
    }
    let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for id in &ids {
        // Over the end of the messages, with a last call that is not full.
        let sign = Sign { contestant: (*id).to_owned(), first: 3, count: 7, a_call: 3 };
        let signed = program.sign(&sign)?;
        check(signed.time.wall_ns > 0.0, || format!("{id} took no time"))?;
        all.entry(signed.signatures).or_default().push(id);
    }
    check(all.len() == 1, || format!("not all signatures are the same: {all:?}"))?;
    let signatures = all.into_keys().next().unwrap_or_default();
    check(signatures.len() == 7 * 128, || format!("{} hex digits for 7 signatures", signatures.len()))?;
    check(signatures[..128] == signatures[5 * 128..6 * 128], || "message 3 + 5 of 5 is message 3".to_owned())?;

    let started = program.start("signer-raw")??;
    check(started.signature == signatures[2 * 128..3 * 128], || "the first signature is of hello0".to_owned())?;
    check(program.start("add-raw")?.is_err(), || "an adder was started as a signer".to_owned())?;
    for (what, bytes) in [(Way::Call, 0), (Way::In, 1024), (Way::Out, 64)] {
        let crossing = Crossing { module: "signer-raw".to_owned(), what, bytes, calls: 1000 };
        let Crossed { time, .. } = program.cross(&crossing)??;
        check(time.wall_ns >= 0.0, || format!("{what:?} took {time:?}"))?;
    }
    let mut sign = |module: &str| -> Result<_, String> {
        let way = Crossing { module: module.to_owned(), what: Way::Sign, bytes: 1024, calls: 2 };
        Ok(program.cross(&way)?.map(|crossed| crossed.signature))
    };
    let signed = (sign("signer-raw")?, sign(COMPONENT)?);
    let is_right = match &signed {
        (Ok(raw), Ok(component)) => raw.is_some() && raw == component,
        (Err(_), Err(_)) => !SIGNS_WITH_COMPONENTS.contains(&row.name.as_str()),
        _ => false,
    };
    check(is_right, || format!("the module and the component sign {signed:?}"))?;
    let stranger = Sign { contestant: "stranger".to_owned(), first: 0, count: 1, a_call: 1 };
    check(program.sign(&stranger).is_err(), || "a stranger signed".to_owned())?;
    program.end()
}

fn check(is_right: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(what()) }
}

#[test]
fn every_program_answers_as_the_contract_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    let mut faults = Vec::new();
    let mut asked = 0;
    for row in hosts::load(&root).unwrap() {
        // wasmtime's is built by `make bench` only, and has tests of its own.
        if row.bench.is_none() || !row.bench_build.is_empty() {
            continue;
        }
        if let Err(why) = everyhost::probe(&row, &root) {
            eprintln!("{} is not installed: {why}", row.name);
            if strict {
                faults.push(format!("{}: {why}", row.name));
            }
            continue;
        }
        asked += 1;
        if let Err(why) = talk(&row, &root) {
            faults.push(format!("{}: {why}", row.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(asked > 0 || !strict, "no host is installed");
}
