//! A program of WASI preview 1, and the folders that it is given: hosts/IMPORTS.md says what it means.

use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::expected::AnswerBytes;
use crate::imports::is_false;
use crate::ops::RawStep;

/// `{"args", "env", "stdin", "dirs"}`: runs the module as a program, with the host's own WASI.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wasi {
    /// A module in the binary format, instead of the one that is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasm: Option<Bytes>,
    /// Its arguments; the first is its name.
    #[serde(default)]
    pub args: Vec<String>,
    /// Its environment: `NAME=value` each.
    #[serde(default)]
    pub env: Vec<String>,
    /// What it can read.
    #[serde(default)]
    pub stdin: Bytes,
    /// The folders that are open before it starts.
    #[serde(default)]
    pub dirs: Vec<Dir>,
    /// What is done with it instead of `_start`, if it is a reactor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<RawStep>>,
}

/// A folder that is open before a program starts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dir {
    /// What the program calls it.
    pub guest: String,
    /// What is in it; in vectors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Where it is; in requests, whose folders are made already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A file, a folder or a symbolic link: exactly one of `bytes`, `dir` and `link` is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File<B = Bytes> {
    /// Where it is in the folder that the program is given: names, with `/` between them.
    pub path: String,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<B>,
    /// A folder.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dir: bool,
    /// Where the symbolic link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl File {
    /// The same file, in an answer.
    pub fn answered(self) -> File<AnswerBytes> {
        let Self { path, bytes, dir, link } = self;
        File { path, bytes: bytes.map(Into::into), dir, link }
    }
}

impl<B> File<B> {
    /// Whether it is one thing, and within the folder.
    pub(crate) fn is_sound(&self) -> bool {
        let kinds = [self.bytes.is_some(), self.dir, self.link.is_some()];
        let is_name = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains('\0');
        kinds.into_iter().filter(|is| *is).count() == 1 && self.path.split('/').all(is_name)
    }
}
