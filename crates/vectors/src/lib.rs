//! The known answers that every host is asked for, and the words in which it is asked.
//!
//! - [`model`]: what stands in `vectors/*.json`
//! - [`ops`]: what each operation takes and answers
//! - [`protocol`]: the lines between the runner and a host adapter

#![forbid(unsafe_code)]

pub mod bytes;
pub mod model;
pub mod ops;
pub mod protocol;

pub use bytes::Bytes;
pub use model::{Case, Expect, Suite};
