// ANCHOR: all
#[repr(C)]
pub struct Slice {
    pub ptr: u32,
    pub len: u32,
}

const SLICE: Slice = Slice { ptr: 7, len: 5 };

/// A struct as the result.
#[unsafe(no_mangle)]
pub extern "C" fn as_struct() -> Slice {
    SLICE
}

/// Both numbers in one of 64 bits.
#[unsafe(no_mangle)]
pub extern "C" fn as_number() -> u64 {
    u64::from(SLICE.ptr) << 32 | u64::from(SLICE.len)
}

/// Both numbers to where the caller says.
#[unsafe(no_mangle)]
pub extern "C" fn to_pointer(result: &mut Slice) {
    *result = SLICE;
}
// ANCHOR_END: all
