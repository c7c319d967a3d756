//! The same, with a table that the first checksum makes.

use std::cell::{Cell, RefCell};

thread_local! {
    static MESSAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static TABLE: Cell<[u32; 256]> = const { Cell::new([0; 256]) };
}

// ANCHOR: table
/// All zeros in the module, so it takes no data: memory begins as zeros.
fn table() -> [u32; 256] {
    let mut table = TABLE.get();
    if table[255] == 0 {
        for (byte, entry) in table.iter_mut().enumerate() {
            *entry = (0..8).fold(byte as u32, |value, _| {
                (value >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(value & 1))
            });
        }
        TABLE.set(table);
    }
    table
}
// ANCHOR_END: table

#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    MESSAGE.with_borrow_mut(|message| {
        *message = vec![0; len];
        message.as_mut_ptr()
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn crc32() -> u32 {
    let table = table();
    let step = |crc: u32, byte: &u8| (crc >> 8) ^ table[((crc ^ u32::from(*byte)) & 0xff) as usize];
    MESSAGE.with_borrow(|message| !message.iter().fold(!0, step))
}
