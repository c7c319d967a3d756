//! Clears the used part of the stack.

use core::hint::black_box;

/// Overwrites the `LEN` bytes of stack below the caller's frame with zeros.
///
/// Functions that were called from the same depth before and have returned had their frames there. The
/// caller's own frame is not cleared: keep secrets out of it by working in a function that is never inlined.
/// A test that compares all of memory finds it if `LEN` is too little.
// ANCHOR: burn
#[inline(never)]
pub fn burn_stack<const LEN: usize>() {
    let frame = [0u8; LEN];
    // The array has to be written because something that the compiler cannot see looks at it.
    black_box(&frame);
}
// ANCHOR_END: burn

#[cfg(test)]
mod tests {
    use super::burn_stack;

    #[test]
    fn the_stack_can_be_burned_again_and_again() {
        for _ in 0..1000 {
            burn_stack::<65_536>();
        }
    }
}
