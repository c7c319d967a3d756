//! The questions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "lowercase")]
pub(crate) enum Ask {
    Hello(Task),
    Sign(Turn),
    Start { module: String },
    Crossing(Crossing),
}

#[derive(Deserialize)]
pub(crate) struct Task {
    pub(crate) keypair: String,
    pub(crate) messages: usize,
    pub(crate) modules: BTreeMap<String, PathBuf>,
    pub(crate) signers: Vec<Order>,
}

/// A contestant that signs through the wrapper.
#[derive(Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) module: String,
    pub(crate) r#use: Use,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Use {
    OneShot,
    Held,
    Batch,
}

#[derive(Deserialize)]
pub(crate) struct Turn {
    pub(crate) contestant: String,
    pub(crate) first: usize,
    pub(crate) count: usize,
    pub(crate) a_call: usize,
}

#[derive(Deserialize)]
pub(crate) struct Crossing {
    pub(crate) module: String,
    pub(crate) what: Way,
    pub(crate) bytes: usize,
    pub(crate) calls: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    Call,
    In,
    Out,
}
