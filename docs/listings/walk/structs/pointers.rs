// ANCHOR: all
#[unsafe(no_mangle)]
pub extern "C" fn counter_new() -> Box<u32> {
    Box::new(0)
}

#[unsafe(no_mangle)]
pub extern "C" fn counter_add(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter
}

#[unsafe(no_mangle)]
pub extern "C" fn counter_free(counter: Box<u32>) {
    drop(counter);
}
// ANCHOR_END: all
