//! A checksum, written in the obvious way: a `Vec` for the message, a table that the compiler computes, a checked index.

// ANCHOR: all
use std::cell::RefCell;

thread_local! {
    static MESSAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What eight steps of CRC-32 make of each byte: 1 KiB.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut step = 0;
        while step < 8 {
            value = (value >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(value & 1));
            step += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    MESSAGE.with_borrow_mut(|message| {
        *message = vec![0; len];
        message.as_mut_ptr()
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn crc32() -> u32 {
    let step = |crc: u32, byte: &u8| (crc >> 8) ^ TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize];
    MESSAGE.with_borrow(|message| !message.iter().fold(!0, step))
}
// ANCHOR_END: all
