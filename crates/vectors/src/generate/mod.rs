//! Writes the files of `vectors/`, and what else is made from the same tables. Expected answers are the published
//! ones or come from [`reference`](mod@crate::reference), never from the signer's own library.

mod adder;
mod adder_abi;
mod batches;
mod build;
mod chapter;
mod codes;
mod copies;
mod failures;
mod marked;
mod raw;
mod readme;
mod rfc8032;
mod rfc8037;
mod sessions;
mod sign_input;
mod signer_abi;
mod text;
mod write;

use std::path::{Path, PathBuf};

use crate::model::Suite;

pub use sign_input::SHA256 as SIGN_INPUT_SHA256;

/// A file that is written by this tool: its path from the root of the workspace, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Such as `vectors/add.json`.
    pub path: PathBuf,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Every suite. `sign_input` is the text of `sign.input`, which is not kept in the repository.
///
/// # Errors
///
/// Where `sign_input` is not the very file that is expected.
pub fn suites(sign_input: &str) -> anyhow::Result<Vec<Suite>> {
    Ok(vec![
        chapter::suite(),
        rfc8032::suite(),
        rfc8037::suite(),
        sign_input::suite(sign_input)?,
        sign_input::derived_suite(sign_input)?,
        text::suite(),
        failures::suite(),
        sessions::suite(),
        batches::suite(),
        signer_abi::suite(),
        adder::add_suite(),
        adder::divide_suite(),
        adder_abi::suite(),
    ])
}

/// Every file that is written: the suites and the list of them, the tables of codes, and what two hosts share.
///
/// # Errors
///
/// As [`suites`]; and where a file that is written in part, or copied, cannot be read from `root`.
pub fn files(root: &Path, sign_input: &str) -> anyhow::Result<Vec<File>> {
    let suites = suites(sign_input)?;
    let mut files: Vec<File> = suites
        .iter()
        .map(|suite| File {
            path: format!("vectors/{}.json", suite.suite).into(),
            bytes: write::suite(suite).into_bytes(),
        })
        .collect();
    files.push(readme::file(root, &suites)?);
    files.extend(codes::files(root)?);
    files.extend(copies::files(root, &files)?);
    Ok(files)
}
