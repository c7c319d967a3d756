//! Results that do not fit their types, by the canonical ABI alone.
//!
//! A result that fits into one number is that number. Any other is the address of its parts in memory: pointer and length of a text or
//! a list, or which case it is and then its payload.

#![allow(unsafe_code, reason = "exports by the canonical ABI")]

use std::arch::wasm32::memory_size;

/// Exports of the interface: the name, then the function's one value.
macro_rules! export {
    ($($name:literal: $ty:ty = $value:expr;)+) => {
        $(const _: () = {
            // SAFETY: nothing else has this name.
            #[unsafe(export_name = concat!("everyhost:component-probe/lies@0.1.0#", $name))]
            extern "C" fn lie() -> $ty {
                $value
            }
        };)+
    };
}

export! {
    "byte-and-more": u32 = 0x1ff;
    "signed-byte-and-more": u32 = 0x180;
    "two-for-true": u32 = 2;
    "rights-and-more": u32 = 0b1_0001;

    "no-utf8": usize = pair(|| bytes(b"a\xff"), 2);
    "surrogate": u32 = 0xd800;
    "beyond-unicode": u32 = 0x11_0000;
    "no-color": u32 = 3;
    "no-shape": usize = pair(|| 4, 0);
    "no-option": usize = pair(|| 2, 0);
    "no-result": usize = pair(|| 2, 0);
    "text-beyond-memory": usize = pair(|| end() - 1, 2);
    "list-beyond-memory": usize = pair(|| end() - 8, 2);
    "list-beyond-addresses": usize = pair(|| end() - 8, usize::MAX);
    "list-unaligned": usize = pair(|| 4, 0);
    "texts-beyond-memory": usize = pair(|| pair(|| end() - 1, 2), 1);
    "result-beyond-memory": usize = end() - 4;
    "result-unaligned": usize = bytes(&[0; 16]) | 1;
}

/// The address of the two words, a multiple of 8. `first` is asked last: the memory has grown by then, if it must.
fn pair(first: impl FnOnce() -> usize, second: usize) -> usize {
    #[repr(align(8))]
    struct Pair([usize; 2]);
    let pair = Box::leak(Box::new(Pair([0, second])));
    pair.0[0] = first();
    std::ptr::from_mut(pair).expose_provenance()
}

fn bytes(bytes: &'static [u8]) -> usize {
    bytes.as_ptr().expose_provenance()
}

/// Where the memory ends.
fn end() -> usize {
    memory_size(0) * 65536
}
