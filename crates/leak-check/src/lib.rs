//! Finds out whether a built signer module's control flow or memory addresses depend on a secret.
//!
//! It runs the module in an interpreter of its own in which every value and every byte of memory carries which of its bits
//! depend on the seed, and reports each instruction that branches, selects, indexes a table, addresses memory or divides by
//! such a bit. README.md says why one run speaks for all secrets, and what it does not see.

pub mod allowed;
mod finding;
mod float;
mod machine;
mod module;
mod numeric;
mod scalar;
pub mod signer;
mod simd;
mod value;

pub use finding::{Finding, Kind};
pub use machine::Machine;
pub use module::Module;
pub use value::Value;
