//! The known-answer tests that every host runs, and the protocol in which it runs them.
//!
//! - [`model`]: the files `vectors/*.json`
//! - [`ops`]: what each operation takes
//! - [`answer`]: what it answers
//! - [`component`]: what is asked of a component
//! - [`expected`]: what a vector expects where many answers are right
//! - [`mod@file`]: reads files that come from outside
//! - [`form`]: says what in a case is not written as it should be
//! - [`json`]: reads JSON that comes from outside
//! - [`imports`]: what a host provides to a module that has imports
//! - [`load`]: reads the files and says what is wrong with them
//! - [`digests`]: finds a case that was changed or damaged
//! - [`protocol`]: the lines between the runner and a host adapter
//! - [`reply`]: reads what an adapter says
//! - [`wasi`]: a program of WASI preview 1
//! - `strategies` (feature `proptest`): draws keys and messages from the files

#![forbid(unsafe_code)]

mod accept;
pub mod answer;
mod begin;
pub mod bytes;
pub mod check;
pub mod component;
pub mod digests;
pub mod expected;
pub mod file;
#[cfg(test)]
mod fixture;
pub mod form;
pub mod imports;
pub mod json;
pub mod load;
pub mod model;
pub mod ops;
pub mod protocol;
pub mod reply;
#[cfg(feature = "proptest")]
pub mod strategies;
mod table;
mod value;
pub mod wasi;
pub mod wrapper;
pub mod write;
mod written;

pub use bytes::Bytes;
pub use load::{load_dir, load_file};
pub use model::{Case, Expect, Suite};
