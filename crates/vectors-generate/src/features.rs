//! One little module for each feature of Wasm, named like its file and in the order in which the features were
//! standardized. A host that refuses it lacks the feature.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::build::made_here;
use super::written;
use vectors::model::{Face, Suite};

const FOLDER: &str = "hosts/probe/features";

/// # Errors
///
/// If the text of a module cannot be read.
pub(super) fn suite(root: &Path) -> anyhow::Result<Suite> {
    let mut paragraphs = include_str!("features.txt").split("\n\n");
    let mut text = paragraphs.next().unwrap_or_default().to_owned();
    for paragraph in paragraphs {
        let name = paragraph.split(' ').next().unwrap_or_default();
        let file = format!("{FOLDER}/{name}.wat");
        let module = fs::read_to_string(root.join(&file)).context(file)?.replace('\n', "\n ");
        text.push_str(&format!("\n\n{}\n {module}", paragraph.trim_end()));
    }
    let source = made_here("the WebAssembly specification; the modules are those of hosts/probe/features");
    Ok(written::suite("features", Face::Probe, source, &text))
}
