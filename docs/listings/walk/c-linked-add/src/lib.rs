// ANCHOR: add
// SAFETY: `int add(int, int)` of add.c, where `int` has 32 bits.
unsafe extern "C" {
    fn add(a: i32, b: i32) -> i32;
}

/// The sum of two numbers. C does not say what it is where it does not fit into 32 bits.
#[unsafe(no_mangle)]
pub extern "C" fn add_numbers(a: i32, b: i32) -> i32 {
    // SAFETY: `add` has no state and takes no pointers.
    unsafe { add(a, b) }
}
// ANCHOR_END: add

// ANCHOR: test
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_add_numbers() {
        assert_eq!(add_numbers(2, 3), 5);
    }
}
// ANCHOR_END: test

// ANCHOR: times
/// How many times `part` fits into `whole`.
///
/// # Panics
///
/// Where `part` is 0.
pub fn times(whole: u32, part: u32) -> u32 {
    assert!(part != 0, "nothing fits into {whole} any number of times");
    whole / part
}

/// The same as an export. In a module its panic is a trap.
#[unsafe(no_mangle)]
pub extern "C" fn times_exported(whole: u32, part: u32) -> u32 {
    times(whole, part)
}
// ANCHOR_END: times

// ANCHOR: panics
#[cfg(test)]
mod panics {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    #[should_panic(expected = "nothing fits into 7")]
    fn should_panic_sees_it() {
        times(7, 0);
    }

    #[test]
    fn catch_unwind_sees_it() {
        assert!(catch_unwind(|| times(7, 0)).is_err());
    }
}
// ANCHOR_END: panics
