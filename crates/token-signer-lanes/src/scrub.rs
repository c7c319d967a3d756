//! Overwrites the used part of the stack.

use core::hint::black_box;

/// How much of the stack is overwritten, in bytes. Signing uses under half of it; a test that compares all of memory
/// finds it when this is too little.
const BURNED: usize = 16 * 1024;

/// Overwrites the stack below the caller's frame, where the functions that it called had theirs. Secrets must stay out of
/// the caller's own frame.
#[inline(never)]
pub(crate) fn burn_stack() {
    if cfg!(feature = "without-scrub") {
        return;
    }
    let frame = [0u8; BURNED];
    // It has to be written because something that the compiler cannot see looks at it.
    black_box(&frame);
}
