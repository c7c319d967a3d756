// ANCHOR: room
//! Words of a string. All strings are UTF-8.

use std::alloc::{Layout, alloc as allocate, dealloc};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What functions return instead of a result.
pub const NOT_UTF8: i32 = -1;
pub const NO_SUCH_COUNTER: i32 = -2;

thread_local!(static PIECES: Cell<i32> = const { Cell::new(0) });

/// Eight is the largest alignment of anything that crosses.
fn layout(len: u32) -> Layout {
    Layout::from_size_align(len.max(1) as usize, 8).expect("not too long")
}

/// `len` bytes for the caller, who gives them back with `free`.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: u32) -> *mut u8 {
    PIECES.set(PIECES.get() + 1);
    // SAFETY: the layout has at least one byte.
    unsafe { allocate(layout(len)) }
}

/// Takes back what `alloc` or another function gave to the caller.
///
/// # Safety
///
/// `ptr` and `len` are those that were given, and nobody uses them any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(ptr: *mut u8, len: u32) {
    PIECES.set(PIECES.get() - 1);
    // SAFETY: the caller promises it.
    unsafe { dealloc(ptr, layout(len)) }
}

/// How many pieces the caller has and has not given back.
#[unsafe(no_mangle)]
pub extern "C" fn pieces() -> i32 {
    PIECES.get()
}
// ANCHOR_END: room

// ANCHOR: summary
/// Bytes in linear memory.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Slice {
    pub ptr: u32,
    pub len: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Summary {
    /// How many words.
    pub words: u32,
    /// The longest word. It is a part of the caller's string, and lasts as long as that.
    pub longest: Slice,
    /// How many characters a word has on average.
    pub mean: f64,
}

// The layout is part of the ABI: a change that moves a field does not compile.
const _: () = assert!(std::mem::offset_of!(Summary, longest) == 4);
const _: () = assert!(std::mem::offset_of!(Summary, mean) == 16);
const _: () = assert!(size_of::<Summary>() == 24);

/// # Safety
///
/// `len` bytes can be read at `ptr`, for as long as the result is used.
unsafe fn text<'a>(ptr: *const u8, len: u32) -> Result<&'a str, i32> {
    // SAFETY: the caller promises it.
    let bytes = unsafe { std::slice::from_raw_parts(ptr, len as usize) };
    std::str::from_utf8(bytes).map_err(|_| NOT_UTF8)
}

fn summary_of(text: &str) -> Summary {
    let mut summary = Summary::default();
    let (mut most, mut total) = (0, 0);
    for word in text.split_whitespace() {
        let characters = word.chars().count();
        if characters > most {
            most = characters;
            summary.longest = Slice { ptr: word.as_ptr() as u32, len: word.len() as u32 };
        }
        summary.words += 1;
        total += characters;
    }
    summary.mean = total as f64 / f64::from(summary.words.max(1));
    summary
}

/// Writes a `Summary` of the string to `result`, but no more than `size` bytes of it.
/// Returns how many bytes it wrote, or NOT_UTF8.
///
/// # Safety
///
/// `len` bytes can be read at `ptr`, and `size` bytes can be written at `result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn summarize(
    ptr: *const u8,
    len: u32,
    result: *mut u8,
    size: u32,
) -> i32 {
    // SAFETY: the caller promises it.
    let text = match unsafe { text(ptr, len) } {
        Ok(text) => text,
        Err(status) => return status,
    };
    let summary = summary_of(text);
    let size = size_of::<Summary>().min(size as usize);
    // SAFETY: both have at least `size` bytes.
    unsafe { result.copy_from_nonoverlapping((&raw const summary).cast(), size) }
    size as i32
}
// ANCHOR_END: summary

// ANCHOR: shout
/// Writes a new string to `result`, in capitals. It is the caller's, who frees it.
/// Returns 0 or NOT_UTF8.
///
/// # Safety
///
/// `len` bytes can be read at `ptr`, and a `Slice` can be written at `result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shout(ptr: *const u8, len: u32, result: *mut Slice) -> i32 {
    // SAFETY: the caller promises it.
    let text = match unsafe { text(ptr, len) } {
        Ok(text) => text,
        Err(status) => return status,
    };
    let loud = text.to_uppercase();
    let len = loud.len() as u32;
    let room = alloc(len);
    // SAFETY: the room has `len` bytes, and the caller promises the rest.
    unsafe {
        room.copy_from_nonoverlapping(loud.as_ptr(), loud.len());
        result.write(Slice { ptr: room as u32, len });
    }
    0
}
// ANCHOR_END: shout

// ANCHOR: counters
type Counter = BTreeMap<String, u32>;

thread_local! {
    static COUNTERS: RefCell<BTreeMap<u32, Counter>> = const { RefCell::new(BTreeMap::new()) };
    static NEXT: Cell<u32> = const { Cell::new(1) };
}

/// A new counter of words. Its number is the caller's, until `counter_free`.
/// No number is used twice.
#[unsafe(no_mangle)]
pub extern "C" fn counter_new() -> u32 {
    let number = NEXT.get();
    NEXT.set(number.checked_add(1).expect("fewer than 2^32 counters"));
    COUNTERS.with_borrow_mut(|counters| counters.insert(number, Counter::new()));
    number
}

/// Counts a word. Returns how often it was counted, NOT_UTF8 or NO_SUCH_COUNTER.
///
/// # Safety
///
/// `len` bytes can be read at `ptr`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn counter_add(number: u32, ptr: *const u8, len: u32) -> i32 {
    // SAFETY: the caller promises it.
    let word = match unsafe { text(ptr, len) } {
        Ok(word) => word,
        Err(status) => return status,
    };
    COUNTERS.with_borrow_mut(|counters| match counters.get_mut(&number) {
        Some(counter) => {
            let count = counter.entry(word.to_owned()).or_default();
            *count += 1;
            *count as i32
        }
        None => NO_SUCH_COUNTER,
    })
}

/// Returns 0 or NO_SUCH_COUNTER.
#[unsafe(no_mangle)]
pub extern "C" fn counter_free(number: u32) -> i32 {
    COUNTERS.with_borrow_mut(|counters| counters.remove(&number).map_or(NO_SUCH_COUNTER, |_| 0))
}
// ANCHOR_END: counters

// ANCHOR: version
/// Of the ABI. Another first digit means that a host for this one must not call anything else.
#[unsafe(no_mangle)]
pub extern "C" fn abi_version() -> u32 {
    100
}
// ANCHOR_END: version
