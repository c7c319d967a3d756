// ANCHOR: all
static mut MESSAGE: Option<Vec<u8>> = None;
static mut SIGNING_KEY: [u8; 64] = [0; 64];

#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *const u8 {
    unsafe { SIGNING_KEY.as_ptr() }
}

#[unsafe(no_mangle)]
pub extern "C" fn message_len() -> usize {
    unsafe { MESSAGE.as_ref().unwrap().len() }
}
// ANCHOR_END: all
