// ANCHOR: add
// SAFETY: `int add(int, int)` of add.c, where `int` has 32 bits.
unsafe extern "C" {
    fn add(a: i32, b: i32) -> i32;
}

/// The sum of two numbers. C does not define it if it does not fit into 32 bits.
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

// ANCHOR: panics
#[cfg(test)]
mod panics {
    use std::panic::catch_unwind;

    #[test]
    #[should_panic(expected = "on purpose")]
    fn should_panic_sees_it() {
        panic!("on purpose");
    }

    #[test]
    fn catch_unwind_sees_it() {
        assert!(catch_unwind(|| panic!("on purpose")).is_err());
    }
}
// ANCHOR_END: panics
