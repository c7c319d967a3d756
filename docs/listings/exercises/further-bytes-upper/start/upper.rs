//! Turns ASCII letters into capitals, in a module of about 9 KB. Make it smaller than 600 bytes.

// ANCHOR: upper
use std::cell::RefCell;

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    TEXT.with_borrow_mut(|text| {
        *text = vec![0; len];
        text.as_mut_ptr()
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn upper() {
    TEXT.with_borrow_mut(|text| text.make_ascii_uppercase());
}
// ANCHOR_END: upper
