//! What the tool and a host's bench program say to each other, one JSON object a line; hosts/README.md is the contract.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of these lines.
pub(super) const PROTOCOL: u32 = 1;

/// What a program is asked. One answer comes before the next question goes out.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
pub(super) enum Ask {
    Hello(Task),
    Sign(Sign),
    /// How long a module takes from its bytes to the first signature, everything made anew.
    Start {
        module: String,
    },
    Crossing(Crossing),
}

/// What is going to be measured.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Task {
    pub(super) protocol: u32,
    /// Hex: the seed, then the public key.
    pub(super) keypair: String,
    /// `hello0`, `hello1` and so on, so many; after the last comes the first again.
    pub(super) messages: usize,
    /// The .wasm files.
    pub(super) modules: BTreeMap<String, String>,
    /// wasm-bindgen's JavaScript for the web.
    pub(super) glue: String,
    /// Who signs through the host's wrapper, and how.
    pub(super) signers: Vec<SignerOrder>,
}

/// A contestant that the program makes of a module.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SignerOrder {
    pub(super) id: String,
    pub(super) module: String,
    pub(super) r#use: Use,
}

/// How a wrapper is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Use {
    /// The keypair is passed with each message.
    OneShot,
    /// The wrapper holds the key.
    Held,
    /// It holds the key, and signs many messages a call.
    Batch,
}

/// A contestant's turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Sign {
    pub(super) contestant: String,
    /// The number of the first message.
    pub(super) first: usize,
    pub(super) count: usize,
    /// How many messages go into one call; 1 for who signs one by one.
    pub(super) a_call: usize,
}

/// What goes over the boundary, `calls` times in one slice.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Crossing {
    pub(super) module: String,
    pub(super) what: Way,
    /// How many bytes are copied; 0 for a call.
    pub(super) bytes: usize,
    pub(super) calls: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// The export `abi_version`, which does nothing.
    Call,
    /// Bytes of the host's to linear memory.
    In,
    /// Bytes of linear memory to the host.
    Out,
}

/// Who is there.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Hello {
    pub(super) protocol: u32,
    /// Such as `Node 20.20.2`.
    pub(super) version: String,
    /// What runs Wasm in it.
    pub(super) runtime: String,
    pub(super) contestants: Vec<Entered>,
    /// Who cannot take part.
    pub(super) missing: Vec<Missing>,
}

/// A contestant that takes part.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Entered {
    pub(super) id: String,
    /// Of a library that is not ours.
    #[serde(default)]
    pub(super) version: Option<String>,
}

/// A contestant that a host does not have.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Missing {
    pub(super) id: String,
    pub(super) why: String,
}

/// What a turn gave.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Signed {
    #[serde(flatten)]
    pub(super) time: Elapsed,
    /// One after the other, in hex.
    pub(super) signatures: String,
}

/// How long it took.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Elapsed {
    /// Time that passed.
    pub(super) wall_ns: f64,
    /// The processor's time, of all threads of the process, where the host can tell.
    #[serde(default)]
    pub(super) cpu_ns: Option<f64>,
}

/// From a module's bytes to its first signature, in time that passed.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Started {
    /// `None` where the module is compiled ahead of the program's start.
    #[serde(default)]
    pub(super) compile_ns: Option<f64>,
    pub(super) instantiate_ns: f64,
    pub(super) load_key_ns: f64,
    pub(super) first_signature_ns: f64,
    /// Of `hello0`.
    pub(super) signature: String,
}

/// Any answer can be this one instead.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Refused {
    pub(super) error: String,
}
