//! Writes the files of `vectors/`, and what else is made from the same tables. Expected answers are the published
//! ones or come from [`ed25519_reference`], never from the signer's own library.

mod adder;
mod batches;
mod build;
mod chapter;
mod codes;
mod component;
mod edge_cases;
mod failures;
mod features;
mod keys;
mod marked;
mod readme;
mod rfc8032;
mod rfc8037;
mod sessions;
mod sign_input;
mod signer_abi;
mod text;
mod verifier_abi;
mod verifying;
mod wasi;
mod words;
mod write;
mod written;
mod wycheproof;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use vectors::digests::{self, DIGESTS_FILE};
use vectors::model::{Face, Suite};

/// A file that is written by this tool: its path from the root of the workspace, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Such as `vectors/add.json`.
    pub path: PathBuf,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// The sources that are not kept in the repository.
#[derive(Debug, Clone)]
pub struct Sources {
    sign_input: String,
    wycheproof: String,
}

impl Sources {
    /// As `crates/vectors-generate/fetch-sources.sh` left them in `dir`.
    ///
    /// # Errors
    ///
    /// Where one cannot be read. Whether it is the very file that is expected is looked at when it is used.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = dir.join(name);
            fs::read_to_string(&path).with_context(|| {
                format!("{} cannot be read; fetch it with crates/vectors-generate/fetch-sources.sh", path.display())
            })
        };
        Ok(Self { sign_input: read("sign.input")?, wycheproof: read("wycheproof-ed25519.json")? })
    }
}

/// Every suite. `root` has the text of the modules that come with a request.
///
/// # Errors
///
/// Where a source is not the very file that is expected, or a module's text cannot be read.
pub fn suites(root: &Path, sources: &Sources) -> anyhow::Result<Vec<Suite>> {
    let sign_input = &sources.sign_input;
    let probe = |name, answers, text| written::suite(name, Face::Probe, build::made_here(answers), text);
    let signer = vec![
        chapter::suite(),
        rfc8032::suite(),
        rfc8037::suite(),
        sign_input::suite(sign_input)?,
        sign_input::derived_suite(sign_input)?,
        wycheproof::suite(&sources.wycheproof)?,
        text::suite(),
        failures::suite(),
        edge_cases::suite(),
        sessions::suite(),
        batches::suite(),
    ];
    let [verifying, batches] = verifying::suites(&signer);
    let others = vec![
        verifying,
        batches,
        signer_abi::suite(),
        verifier_abi::suite(),
        keys::suite(),
        keys::abi_suite(),
        adder::add_suite(),
        adder::divide_suite(),
        written::suite("adder-abi", Face::AdderAbi, adder::source(), include_str!("adder_abi.txt")),
        probe("probe", "the WebAssembly specification", include_str!("probe.txt")),
        features::suite(root)?,
        probe("contract", "the WebAssembly specification, and hosts/CONTRACT.md", include_str!("contract.txt")),
        probe("imports", "the WebAssembly specification, and hosts/IMPORTS.md", include_str!("imports.txt")),
        wasi::suite(),
        wasi::programs(),
        component::suite(),
        component::signer_suite(),
    ];
    Ok([signer, others].concat())
}

/// Every file that is written: the suites, the list of them, and the tables of codes.
///
/// # Errors
///
/// As [`suites`]; and if a file that is written in part cannot be read from `root`.
pub fn files(root: &Path, sources: &Sources) -> anyhow::Result<Vec<File>> {
    let suites = suites(root, sources)?;
    let mut files: Vec<File> = suites
        .iter()
        .map(|suite| File {
            path: format!("vectors/{}.json", suite.suite).into(),
            bytes: write::suite(suite).into_bytes(),
        })
        .collect();
    files.push(File { path: format!("vectors/{DIGESTS_FILE}").into(), bytes: digests::text(&suites).into_bytes() });
    files.push(readme::file(root, &suites)?);
    files.extend(codes::files(root)?);
    Ok(files)
}
