//! Asks the host for a title. `env.title` calls `reserve` for a buffer, writes the title to it, and returns 1; without a title it returns 0.

use std::sync::Mutex;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn title() -> i32;
}

static TITLE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[unsafe(no_mangle)]
pub extern "C" fn reserve(len: usize) -> *mut u8 {
    let mut title = TITLE.lock().unwrap();
    *title = vec![0; len];
    title.as_mut_ptr()
}

// ANCHOR: title_len
/// How many bytes the title has; -1 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn title_len() -> i32 {
    // SAFETY: it takes no pointer, and nothing that `reserve` needs is locked.
    let found = unsafe { title() } != 0;
    if found { TITLE.lock().unwrap().len() as i32 } else { -1 }
}
// ANCHOR_END: title_len
