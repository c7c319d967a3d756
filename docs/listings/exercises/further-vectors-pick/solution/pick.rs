//! Byte `index` of a table of 64. It reads the whole table, whatever the index.

static TABLE: [u8; 64] = {
    let mut table = [0; 64];
    let mut at = 0;
    while at < 64 {
        table[at] = (at * at + 7) as u8;
        at += 1;
    }
    table
};

// ANCHOR: pick
use core::arch::wasm32::{i8x16_sub, i8x16_swizzle, u8x16_extract_lane, u8x16_splat, v128, v128_load, v128_or};

#[unsafe(no_mangle)]
pub extern "C" fn pick(index: u32) -> u32 {
    let index = u8x16_splat(index as u8 % 64);
    let mut found = u8x16_splat(0);
    for (group, bytes) in TABLE.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: 16 bytes are there, and v128_load needs no alignment.
        let bytes = unsafe { v128_load(bytes.as_ptr().cast::<v128>()) };
        // A swizzle gives 0 for an index over 15, and so for one that went below 0.
        let within = i8x16_sub(index, u8x16_splat(16 * group as u8));
        found = v128_or(found, i8x16_swizzle(bytes, within));
    }
    u32::from(u8x16_extract_lane::<0>(found))
}
// ANCHOR_END: pick
