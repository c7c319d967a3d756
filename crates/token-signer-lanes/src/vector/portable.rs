//! The operations in plain Rust. As in Wasm, whole numbers wrap; the fields assert that nothing that matters is lost.

/// A vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(16))]
pub(crate) struct V([u64; 2]);

pub(crate) const fn pair(low: u64, high: u64) -> V {
    V([low, high])
}

fn each(a: V, b: V, work: impl Fn(u64, u64) -> u64) -> V {
    V([work(a.0[0], b.0[0]), work(a.0[1], b.0[1])])
}

fn each_f64(a: V, b: V, work: impl Fn(f64, f64) -> f64) -> V {
    each(a, b, |a, b| work(f64::from_bits(a), f64::from_bits(b)).to_bits())
}

fn each_u8(a: V, b: V, work: impl Fn(u8, u8) -> u8) -> V {
    let (a, b) = (to_bytes(a), to_bytes(b));
    from_bytes(&core::array::from_fn(|at| work(a[at], b[at])))
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $each:ident $(::<$size:literal>)? ($work:expr);)+) => {
        $($(#[$doc])* pub(crate) fn $name(a: V, b: V) -> V { $each $(::<$size>)? (a, b, $work) })+
    };
}

operations! {
    add_f64 = each_f64(|a, b| a + b);
    sub_f64 = each_f64(|a, b| a - b);
    mul_f64 = each_f64(|a, b| a * b);
    add_u64 = each(u64::wrapping_add);
    sub_u64 = each(u64::wrapping_sub);
    and = each(|a, b| a & b);
    or = each(|a, b| a | b);
    xor = each(|a, b| a ^ b);
    sub_u8 = each_u8(u8::wrapping_sub);
    /// All ones in each byte where `a` is greater.
    greater_u8 = each_u8(|a, b| if a > b { 0xff } else { 0 });
    zip_low_u8 = zip::<1>(0);
    zip_high_u8 = zip::<1>(8);
    zip_low_u16 = zip::<2>(0);
    zip_high_u16 = zip::<2>(8);
    zip_low_u32 = zip::<4>(0);
    zip_high_u32 = zip::<4>(8);
}

/// a·b + c, rounded once.
#[cfg(not(target_family = "wasm"))] // core has no fused multiply-add
pub(crate) fn fused_multiply_add(a: V, b: V, c: V) -> V {
    let lane = |at: usize| f64::from_bits(a.0[at]).mul_add(f64::from_bits(b.0[at]), f64::from_bits(c.0[at])).to_bits();
    V([lane(0), lane(1)])
}

pub(crate) fn shl_u64<const BITS: u32>(a: V) -> V {
    each(a, a, |a, _| a << BITS)
}

pub(crate) fn shr_u64<const BITS: u32>(a: V) -> V {
    each(a, a, |a, _| a >> BITS)
}

pub(crate) fn lanes(a: V) -> [u64; 2] {
    a.0
}

fn to_bytes(a: V) -> [u8; 16] {
    (u128::from(a.0[1]) << 64 | u128::from(a.0[0])).to_le_bytes()
}

pub(crate) fn from_bytes(bytes: &[u8; 16]) -> V {
    let bits = u128::from_le_bytes(*bytes);
    V([bits as u64, (bits >> 64) as u64])
}

pub(crate) fn splat_u8(byte: u8) -> V {
    from_bytes(&[byte; 16])
}

/// The table's byte at each index below 16, 0 where the index is over 127. There must be no other: of them the relaxed
/// instruction makes what it likes.
pub(crate) fn swizzle(table: V, index: V) -> V {
    let table = to_bytes(table);
    each_u8(index, index, |index, _| {
        debug_assert!(!(16..=127).contains(&index), "a swizzle's index is {index}");
        table.get(usize::from(index)).copied().unwrap_or(0)
    })
}

/// The low 16 bits of each product of 16 bits.
pub(crate) fn mul_u16(a: V, b: V) -> V {
    let (a, b) = (to_bytes(a), to_bytes(b));
    let mut product = [0; 16];
    for at in (0..16).step_by(2) {
        let of = |bytes: &[u8; 16]| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        product[at..at + 2].copy_from_slice(&of(&a).wrapping_mul(of(&b)).to_le_bytes());
    }
    from_bytes(&product)
}

/// The low lane of one vector, and the high lane of the other.
pub(crate) fn pick(low: V, high: V) -> V {
    pair(low.0[0], high.0[1])
}

/// Four whole numbers, from one on.
pub(crate) fn load_u32<const COUNT: usize>(numbers: &[u32; COUNT], from: usize) -> V {
    let two = |at: usize| u64::from(numbers[at]) | u64::from(numbers[at + 1]) << 32;
    pair(two(from), two(from + 2))
}

/// Two limbs of one lane, from one on, with those of the other.
pub(crate) fn interleave<const LIMBS: usize>(low: &[u64; LIMBS], high: &[u64; LIMBS], from: usize) -> [V; 2] {
    [from, from + 1].map(|i| pair(low[i], high[i]))
}

/// Groups of `SIZE` bytes, by turns from `a` and from `b`, beginning at byte `from` of each.
fn zip<const SIZE: usize>(a: V, b: V, from: usize) -> V {
    let (a, b) = (to_bytes(a), to_bytes(b));
    from_bytes(&core::array::from_fn(|at| {
        let (group, byte) = (at / SIZE, at % SIZE);
        let source = if group % 2 == 0 { &a } else { &b };
        source[from + group / 2 * SIZE + byte]
    }))
}
