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

/// How many bytes the title has; -1 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn title_len() -> i32 {
    let title = TITLE.lock().unwrap();
    // SAFETY: it takes no pointer.
    if unsafe { self::title() } == 0 { -1 } else { title.len() as i32 }
}
