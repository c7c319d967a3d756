//! Byte `index` of a table of 64. Its address reveals the index to anyone who can see which cache line was read.

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
#[unsafe(no_mangle)]
pub extern "C" fn pick(index: u32) -> u32 {
    u32::from(TABLE[index as usize % 64])
}
// ANCHOR_END: pick
