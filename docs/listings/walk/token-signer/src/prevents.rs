// ANCHOR: all
//! What the compiler refuses. `cargo test --doc` compiles each block. The first test fails if
//! its block compiles; nightly Rust also compares the number of the error.
//!
//! A view of the message's buffer, used after the buffer was replaced:
//!
//! ```compile_fail,E0499
//! struct Message(Vec<u8>);
//!
//! impl Message {
//!     fn allocate(&mut self, len: usize) -> &mut [u8] {
//!         self.0 = vec![0; len];
//!         &mut self.0
//!     }
//! }
//!
//! let mut message = Message(Vec::new());
//! let old = message.allocate(5);
//! let new = message.allocate(5);
//! old.copy_from_slice(b"hello");
//! ```
//!
//! In this order, nothing is wrong:
//!
//! ```
//! struct Message(Vec<u8>);
//!
//! impl Message {
//!     fn allocate(&mut self, len: usize) -> &mut [u8] {
//!         self.0 = vec![0; len];
//!         &mut self.0
//!     }
//! }
//!
//! let mut message = Message(Vec::new());
//! let old = message.allocate(5);
//! old.copy_from_slice(b"hello");
//! let new = message.allocate(5);
//! assert_eq!(new, [0; 5]);
//! ```
// ANCHOR_END: all
