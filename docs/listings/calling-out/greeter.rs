//! A guest that calls its host.

// ANCHOR: import
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Shows `len` bytes of UTF-8 at `text`.
    fn log(text: *const u8, len: usize);
}

fn say(text: &str) {
    // SAFETY: the host reads these bytes before `log` returns, and keeps no pointer.
    unsafe { log(text.as_ptr(), text.len()) }
}
// ANCHOR_END: import

// ANCHOR: greet
#[unsafe(no_mangle)]
pub extern "C" fn greet() {
    say("Grüße, host!");
    let mut text = String::with_capacity(1 << 20); // memory grows here
    text.push_str("this text is on a page that has just been added");
    say(&text);
}

#[unsafe(no_mangle)]
pub extern "C" fn stray() {
    // SAFETY: there is none. A guest may pass any two numbers, and the host has to live with that.
    unsafe { log(0xffff_fff0 as *const u8, 32) }
}
// ANCHOR_END: greet
