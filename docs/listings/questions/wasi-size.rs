// ANCHOR: shown
#[repr(C)]
pub struct Message {
    pub start: *const u8,
    pub len: usize,
    pub time: u64,
}

pub const SIZE: usize = size_of::<Message>();
// ANCHOR_END: shown

#[unsafe(no_mangle)]
pub extern "C" fn size() -> usize {
    SIZE
}
