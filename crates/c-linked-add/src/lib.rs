//! Two C functions, linked into Rust: `c/add.h` is their contract.
//!
//! As a Wasm module the crate has one of two faces. The raw one, which any host can call, exports `add_numbers` and
//! `divide_numbers`; with the feature `bindgen`, `add_numbers` is exported for JavaScript through wasm-bindgen. In both
//! optimized modules `add_numbers` is a single `i32.add`: nothing is left of the boundary between the languages.
//!
//! ```
//! assert_eq!(c_linked_add::add(2, 3), 5);
//! assert_eq!(c_linked_add::add(i32::MAX, 1), i32::MIN);
//! assert_eq!(c_linked_add::divide(-7, 2), -3);
//! ```

#[cfg(feature = "bindgen")]
mod bindgen;
#[cfg(not(feature = "bindgen"))]
mod raw;

#[cfg(feature = "bindgen")]
pub use bindgen::add_numbers;
#[cfg(not(feature = "bindgen"))]
pub use raw::{add_numbers, divide_numbers};

mod c {
    // SAFETY: the signatures are those of c/add.h, where `int` is 32 bits. The functions have no state, take no
    // pointers and need nothing of their caller, so that calling them is always safe; `divide` traps where it cannot answer.
    unsafe extern "C" {
        pub(crate) safe fn add(a: i32, b: i32) -> i32;
        pub(crate) safe fn divide(a: i32, b: i32) -> i32;
    }
}

/// The sum of `a` and `b` modulo 2^32.
#[must_use]
pub fn add(a: i32, b: i32) -> i32 {
    c::add(a, b)
}

/// The quotient of `a` and `b`, rounded towards zero.
///
/// # Traps
///
/// Where `b` is 0, and where `a` is `i32::MIN` and `b` is -1. This is C's trap, not a panic: natively it is a signal
/// that ends the process, in Wasm it ends the call, and in neither can Rust catch it.
#[must_use]
pub fn divide(a: i32, b: i32) -> i32 {
    c::divide(a, b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vectors::model::{Expect, Suite};
    use vectors::ops::Op;

    use super::*;

    // Compiled in, so that the tests need no files when they run under WASI.
    const ADD: &str = include_str!("../../../vectors/add.json");
    const DIVIDE: &str = include_str!("../../../vectors/divide.json");

    #[test]
    fn test_add_numbers() {
        assert_eq!(add_numbers(2, 3), 5);
    }

    #[test]
    fn adds_as_the_vectors_say() {
        let suite: Suite = serde_json::from_str(ADD).unwrap();
        assert_eq!(suite.cases.len(), suite.count);
        for case in suite.cases {
            let (Op::Add(given), Expect::Ok(expected)) = (&case.op, &case.expect) else {
                panic!("{}: an addition always has a sum", case.id);
            };
            assert_eq!(Some(add(given.a, given.b).into()), expected.value, "{}", case.id);
        }
    }

    /// The cases that trap would end this process: `docs/listings/panics` has them.
    #[test]
    fn divides_as_the_vectors_say() {
        let suite: Suite = serde_json::from_str(DIVIDE).unwrap();
        assert_eq!(suite.cases.len(), suite.count);
        let mut divided = 0;
        for case in suite.cases {
            let Op::Divide(given) = &case.op else { panic!("{}: not a division", case.id) };
            let traps = given.b == 0 || (given.a, given.b) == (i32::MIN, -1);
            match &case.expect {
                Expect::Ok(expected) => {
                    assert_eq!(Some(divide(given.a, given.b).into()), expected.value, "{}", case.id);
                    divided += 1;
                }
                Expect::Trap(_) => assert!(traps, "{}", case.id),
                Expect::Error(_) | Expect::OneOf(_) => panic!("{}: a C function has no errors to give", case.id),
            }
        }
        assert!(divided >= 10, "only {divided} divisions without a trap");
    }

    proptest! {
        // WASI shows the tests no folder to remember failures in.
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn adds_as_rust_does(a: i32, b: i32) {
            prop_assert_eq!(add(a, b), a.wrapping_add(b));
        }

        #[test]
        fn divides_as_rust_does(a: i32, b: i32) {
            if let Some(quotient) = a.checked_div(b) {
                prop_assert_eq!(divide(a, b), quotient);
            }
        }
    }
}
