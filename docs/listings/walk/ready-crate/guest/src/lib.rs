// ANCHOR: imports
mod host {
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        /// Writes `len` random bytes to `to`.
        pub fn random(to: *mut u8, len: usize);
        /// Milliseconds since 1970.
        pub safe fn now() -> u64;
        pub fn print(text: *const u8, len: usize);
    }
}
// ANCHOR_END: imports

// ANCHOR: backend
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    // SAFETY: getrandom passes room for `len` bytes, and the host writes no more.
    unsafe { host::random(to, len) };
    Ok(())
}
// ANCHOR_END: backend

// ANCHOR: issue
#[unsafe(no_mangle)]
pub extern "C" fn issue() {
    let mut random = [0; 4];
    // What any dependency would call, and most do so somewhere far below.
    getrandom::fill(&mut random).unwrap();
    let text = ticket::ticket("wasm", host::now(), random);
    // SAFETY: the text lives until the host has returned.
    unsafe { host::print(text.as_ptr(), text.len()) };
}
// ANCHOR_END: issue
