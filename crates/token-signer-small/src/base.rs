//! Multiples of the base point, by a table that is made when it is first needed: 30 KB of memory instead of 30 KB of
//! module, for some milliseconds once an instance.

use core::cell::OnceCell;

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::traits::BasepointTable;

use crate::memory::{made_once, per_thread};

per_thread! { static TABLE: OnceCell<EdwardsBasepointTable> = OnceCell::new(); }

// ANCHOR: table
/// The encoding of `scalar` times the base point, in constant time.
#[inline(never)]
pub(crate) fn mul_base(scalar: &Scalar) -> [u8; 32] {
    if cfg!(feature = "whole-table") {
        return EdwardsPoint::mul_base(scalar).compress().to_bytes();
    }
    TABLE.with(|table| {
        let table = made_once(table, || EdwardsBasepointTable::create(&ED25519_BASEPOINT_POINT));
        table.mul_base(scalar).compress().to_bytes()
    })
}
// ANCHOR_END: table
