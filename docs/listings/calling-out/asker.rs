//! A guest that gets text from its host. The host calls back in for a buffer.

use std::mem;
use std::sync::Mutex;

// ANCHOR: import
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Whether there is such a setting. If so, the host has written its value to a buffer from `reserve`.
    fn setting(name: *const u8, len: usize) -> i32;
}

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The host calls this while it is in `setting`.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(len: usize) -> *mut u8 {
    let mut answer = ANSWER.lock().unwrap();
    *answer = vec![0; len];
    answer.as_mut_ptr()
}

fn get(name: &str) -> Option<Vec<u8>> {
    // SAFETY: the name lives until the call is over, and `ANSWER` is not locked: the host may call `reserve`.
    let found = unsafe { setting(name.as_ptr(), name.len()) };
    (found != 0).then(|| mem::take(&mut *ANSWER.lock().unwrap()))
}
// ANCHOR_END: import

/// How many bytes the motto has; -1 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn motto_len() -> i32 {
    get("motto").map_or(-1, |motto| motto.len() as i32)
}
