//! Panics, traps, and does neither.

use std::panic;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn log(text: *const u8, len: usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        // SAFETY: the text lives until the host has returned.
        unsafe { log(text.as_ptr(), text.len()) };
    }));
}

#[unsafe(no_mangle)]
pub extern "C" fn half(number: u32) -> u32 {
    assert!(number % 2 == 0, "{number} is odd");
    number / 2
}

#[unsafe(no_mangle)]
pub extern "C" fn trap() {
    core::arch::wasm32::unreachable()
}
