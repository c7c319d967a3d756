// ANCHOR: times
use std::panic::catch_unwind;

/// How many times `part` fits into `whole`.
///
/// # Panics
///
/// If `part` is 0.
fn times(whole: u32, part: u32) -> u32 {
    assert!(part != 0, "nothing fits into {whole} any number of times");
    whole / part
}

/// The same as an export.
#[unsafe(no_mangle)]
pub extern "C" fn times_exported(whole: u32, part: u32) -> u32 {
    times(whole, part)
}

/// The same, with -1 instead of a panic. At least that is the plan.
#[unsafe(no_mangle)]
pub extern "C" fn times_or_minus_one(whole: u32, part: u32) -> i64 {
    catch_unwind(|| times(whole, part)).map_or(-1, i64::from)
}
// ANCHOR_END: times

// ANCHOR: tests
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "nothing fits into 7")]
    fn should_panic_sees_it() {
        times(7, 0);
    }

    #[test]
    fn catch_unwind_sees_it() {
        assert_eq!(times_or_minus_one(7, 0), -1);
    }
}
// ANCHOR_END: tests
