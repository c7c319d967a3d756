// ANCHOR: shown
use std::cell::RefCell;

thread_local!(static TOTAL: RefCell<u32> = const { RefCell::new(0) });

#[unsafe(no_mangle)]
pub extern "C" fn add(n: u32) -> u32 {
    TOTAL.with_borrow_mut(|total| {
        assert!(n > 0, "nothing to add");
        *total += n;
        *total
    })
}
// ANCHOR_END: shown
