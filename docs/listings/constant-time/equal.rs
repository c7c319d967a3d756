//! Ways to compare a secret tag with one that somebody sent. All are right; one of them talks.

// ANCHOR: buffers
/// The secret tag, then the given one. The host writes both.
static mut TAGS: [[u8; 32]; 2] = [[0; 32]; 2];

#[unsafe(no_mangle)]
pub extern "C" fn tags_ptr() -> *mut u8 {
    (&raw mut TAGS).cast()
}

fn tags() -> [[u8; 32]; 2] {
    // SAFETY: the module has one thread, and the host writes between calls only.
    unsafe { (&raw const TAGS).read() }
}
// ANCHOR_END: buffers

// ANCHOR: early
#[unsafe(no_mangle)]
pub extern "C" fn equal_early(len: usize) -> bool {
    let [secret, given] = &tags();
    for (a, b) in secret[..len].iter().zip(given) {
        if a != b {
            return false;
        }
    }
    true
}
// ANCHOR_END: early

// ANCHOR: whole
#[unsafe(no_mangle)]
pub extern "C" fn equal_whole(len: usize) -> bool {
    let [secret, given] = &tags();
    let mut difference = 0;
    for (a, b) in secret[..len].iter().zip(given) {
        difference |= a ^ b;
    }
    difference == 0
}
// ANCHOR_END: whole

// ANCHOR: fixed
#[unsafe(no_mangle)]
pub extern "C" fn equal_16() -> bool {
    equal_early(16)
}
// ANCHOR_END: fixed
