//! A shop with a bug.

use std::panic;

// ANCHOR: shop
const PRICES: [u32; 3] = [120, 250, 80];

#[unsafe(no_mangle)]
pub extern "C" fn total(first: usize, count: usize) -> u32 {
    (first..first + count).map(price).sum()
}

#[inline(never)]
fn price(item: usize) -> u32 {
    PRICES[item]
}
// ANCHOR_END: shop

// ANCHOR: hook
#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn log(text: *const u8, len: usize);
}

/// From now on a panic tells the host what it is about, and traps after that.
#[unsafe(no_mangle)]
pub extern "C" fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        // SAFETY: the text lives until the host has returned.
        unsafe { log(text.as_ptr(), text.len()) };
    }));
}
// ANCHOR_END: hook
