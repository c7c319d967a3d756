//! The operations as Wasm instructions.

use core::arch::wasm32 as wasm;

/// A vector.
pub(crate) use core::arch::wasm32::v128 as V;

pub(crate) const fn pair(low: u64, high: u64) -> V {
    wasm::u64x2(low, high)
}

macro_rules! operations {
    ($($name:ident = $instruction:ident $(::<$($lane:literal),+>)? ($($arg:ident),+);)+) => {
        $(#[inline(always)] pub(crate) fn $name($($arg: V),+) -> V { wasm::$instruction $(::<$($lane),+>)? ($($arg),+) })+
    };
}

operations! {
    add_f64 = f64x2_add(a, b);
    sub_f64 = f64x2_sub(a, b);
    sub_u64 = i64x2_sub(a, b);
    and = v128_and(a, b);
    or = v128_or(a, b);
    xor = v128_xor(a, b);
    sub_u8 = i8x16_sub(a, b);
    greater_u8 = u8x16_gt(a, b);
    zip_low_u8 = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b);
    zip_high_u8 = i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b);
    zip_low_u16 = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b);
    zip_high_u16 = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b);
    zip_low_u32 = i32x4_shuffle::<0, 4, 1, 5>(a, b);
    zip_high_u32 = i32x4_shuffle::<2, 6, 3, 7>(a, b);
}

#[cfg(not(target_feature = "relaxed-simd"))]
operations! {
    mul_f64 = f64x2_mul(a, b);
    swizzle = i8x16_swizzle(table, index);
}

// The relaxed swizzle may do what it likes with an index from 16 to 127, and there is none. On x86 it is one instruction
// instead of two.
#[cfg(target_feature = "relaxed-simd")]
operations! {
    swizzle = i8x16_relaxed_swizzle(table, index);
    fused_multiply_add = f64x2_relaxed_madd(a, b, c);
    add_u64 = i64x2_add(a, b);
    mul_u16 = i16x8_mul(a, b);
}

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
pub(crate) fn shl_u64<const BITS: u32>(a: V) -> V {
    wasm::i64x2_shl(a, BITS)
}

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
pub(crate) fn shr_u64<const BITS: u32>(a: V) -> V {
    wasm::u64x2_shr(a, BITS)
}

#[inline(always)]
pub(crate) fn lanes(a: V) -> [u64; 2] {
    [wasm::u64x2_extract_lane::<0>(a), wasm::u64x2_extract_lane::<1>(a)]
}

#[inline(always)]
pub(crate) fn splat_u8(byte: u8) -> V {
    wasm::u8x16_splat(byte)
}

#[inline(always)]
pub(crate) fn from_bytes(bytes: &[u8; 16]) -> V {
    // SAFETY: 16 bytes are there to be read, and `v128_load` asks for no alignment.
    unsafe { wasm::v128_load(bytes.as_ptr().cast()) }
}

/// The low lane of one vector, and the high lane of the other.
#[inline(always)]
pub(crate) fn pick(low: V, high: V) -> V {
    wasm::i64x2_shuffle::<0, 3>(low, high)
}

/// Four whole numbers, from one on.
#[inline(always)]
pub(crate) fn load_u32<const COUNT: usize>(numbers: &[u32; COUNT], from: usize) -> V {
    // SAFETY: the slice has four numbers, and `v128_load` asks for no alignment.
    unsafe { wasm::v128_load(numbers[from..from + 4].as_ptr().cast()) }
}

/// Two limbs of one lane, from one on, with those of the other.
#[inline(always)]
pub(crate) fn interleave<const LIMBS: usize>(low: &[u64; LIMBS], high: &[u64; LIMBS], from: usize) -> [V; 2] {
    let load = |limbs: &[u64; LIMBS]| {
        // SAFETY: the slice has two limbs, and `v128_load` asks for no alignment.
        unsafe { wasm::v128_load(limbs[from..from + 2].as_ptr().cast()) }
    };
    let (a, b) = (load(low), load(high));
    [wasm::i64x2_shuffle::<0, 2>(a, b), wasm::i64x2_shuffle::<1, 3>(a, b)]
}
