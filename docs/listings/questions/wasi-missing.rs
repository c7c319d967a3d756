// ANCHOR: shown
fn check(age: i32) {
    // assert!(age >= 0);
}

#[test]
#[should_panic]
fn a_negative_age_is_refused() {
    check(-1);
}
// ANCHOR_END: shown
