//! What the tool and a host's bench program say to each other, one JSON object a line; hosts/BENCH.md is the contract.
//! wasmtime's bench program includes this file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) const PROTOCOL: u32 = 1;

/// What a program is asked. One answer comes before the next question goes out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
pub(crate) enum Ask {
    Hello(Task),
    Sign(Sign),
    Verify(Verify),
    /// How long a module takes from its bytes to the first signature, everything made anew.
    Start {
        module: String,
    },
    Crossing(Crossing),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) protocol: u32,
    /// Hex: the seed, then the public key.
    pub(crate) keypair: String,
    /// `hello0`, `hello1` and so on, so many; after the last comes the first again.
    pub(crate) messages: usize,
    pub(crate) modules: BTreeMap<String, String>,
    pub(crate) glue: String,
    /// jco's JavaScript for the component among the modules.
    pub(crate) component_glue: Option<String>,
    /// Who signs or verifies through the host's wrapper, and how.
    pub(crate) signers: Vec<SignerOrder>,
    /// What is verified; empty for a program that only signs.
    #[serde(default)]
    pub(crate) signed: Vec<SignedSet>,
}

/// Signatures by so many issuers: that of `hello0` is by the first key, that of `hello1` by the second, and so on in turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignedSet {
    pub(crate) issuers: usize,
    /// In hex, one after the other, as many as issuers.
    pub(crate) public_keys: String,
    /// Likewise; some are spoilt.
    pub(crate) signatures: String,
}

/// A contestant that the program makes of a module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignerOrder {
    pub(crate) id: String,
    pub(crate) module: String,
    pub(crate) r#use: Use,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Use {
    OneShot,
    Held,
    /// It holds the key, and signs many messages a call.
    Batch,
    /// It verifies many signatures a call.
    Verify,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sign {
    pub(crate) contestant: String,
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// How many messages go into one call; 1 if signed one by one.
    pub(crate) a_call: usize,
}

/// A turn of one that verifies: `first` and `count` are about the signatures of a [`SignedSet`], and after the last comes the
/// first again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verify {
    pub(crate) issuers: usize,
    #[serde(flatten)]
    pub(crate) turn: Sign,
}

/// What goes over the boundary, `calls` times in one slice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Crossing {
    pub(crate) module: String,
    pub(crate) what: Way,
    /// How many bytes are copied or signed; 0 for a call.
    pub(crate) bytes: usize,
    pub(crate) calls: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// The export `abi_version`, which does nothing.
    Call,
    In,
    Out,
    /// Signs a message of so many bytes with a held key, through the host's wrapper for the module or the component.
    Sign,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    /// Such as `Node 20.20.2`.
    pub(crate) version: String,
    pub(crate) runtime: String,
    pub(crate) contestants: Vec<Entered>,
    pub(crate) missing: Vec<Missing>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entered {
    pub(crate) id: String,
    /// Of a library that is not ours.
    #[serde(default)]
    pub(crate) version: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Missing {
    pub(crate) id: String,
    pub(crate) why: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Signed {
    #[serde(flatten)]
    pub(crate) time: Elapsed,
    /// One after the other, in hex.
    pub(crate) signatures: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Verified {
    #[serde(flatten)]
    pub(crate) time: Elapsed,
    /// In hex: 01 for a right signature, 00 for a wrong one.
    pub(crate) verdicts: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Elapsed {
    pub(crate) wall_ns: f64,
    /// The processor's time, of all threads of the process, where the host can tell.
    #[serde(default)]
    pub(crate) cpu_ns: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Crossed {
    #[serde(flatten)]
    pub(crate) time: Elapsed,
    /// The last one, if it signs.
    #[serde(default)]
    pub(crate) signature: Option<String>,
}

/// From a module's bytes to its first signature, in time that passed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Started {
    /// `None` where the module is compiled ahead of the program's start.
    #[serde(default)]
    pub(crate) compile_ns: Option<f64>,
    pub(crate) instantiate_ns: f64,
    pub(crate) load_key_ns: f64,
    pub(crate) first_signature_ns: f64,
    /// Of `hello0`.
    pub(crate) signature: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Refused {
    pub(crate) error: String,
}
