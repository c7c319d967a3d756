use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};

fn main() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let numbers = 0..1_000_000_u64;
    let result = TestRunner::new(config).run(&numbers, |n| {
        // ANCHOR: shown
        prop_assert!(n * n < 1_000_000);
        // ANCHOR_END: shown
        Ok(())
    });
    match result {
        Err(TestError::Fail(_, smallest)) => println!("{smallest}"),
        other => panic!("{other:?}"),
    }
}
