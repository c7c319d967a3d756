//! A Rust function that panics, and two ways to test that it does. Natively both see the panic. In WebAssembly a
//! panic ends in the instruction `unreachable`: the whole program is over, and its tests with it. The test harness
//! knows that much, and leaves out what is marked `should_panic`; `catch_unwind` it cannot know of.
//!
//! ```console
//! cargo test -p panics --lib                          # 3 passed
//! cargo test -p panics --lib --target wasm32-wasip1   # one ignored, then a trap
//! ```
//!
//! `crates/wasi-runner/tests/panics.rs` checks both.

/// How many times `part` fits into `whole`.
///
/// # Panics
///
/// Where `part` is 0.
///
/// ```
/// assert_eq!(panics::times(7, 2), 3);
/// ```
#[must_use]
pub fn times(whole: u32, part: u32) -> u32 {
    assert!(part != 0, "nothing fits into {whole} any number of times");
    whole / part
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn fits_three_times() {
        assert_eq!(times(7, 2), 3);
    }

    #[test]
    #[should_panic(expected = "nothing fits into 7")]
    fn should_panic_sees_it() {
        let _ = times(7, 0);
    }

    #[test]
    fn catch_unwind_sees_it() {
        let panic = catch_unwind(|| times(7, 0)).unwrap_err();
        let text = panic.downcast_ref::<String>().expect("a formatted message is a String");
        assert!(text.starts_with("nothing fits into 7"), "{text}");
    }
}
