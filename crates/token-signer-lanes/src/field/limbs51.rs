//! Numbers below 2^255 as five whole numbers of 51 bits: what the fields are filled from and emptied into.

/// The number Σ limb\[i\]·2^(51·i). *Canonical* where every limb is below 2^51 and the number below 2^255 − 19.
pub(crate) type Limbs51 = [u64; 5];

/// 2^51 − 1.
pub(crate) const MASK: u64 = (1 << 51) - 1;

/// The canonical number of limbs below 2^54.
pub(crate) fn reduce(mut limbs: Limbs51) -> Limbs51 {
    debug_assert!(limbs.iter().all(|limb| *limb < 1 << 54));
    // The first pass leaves at most 7 to carry over the top, and after the second the number is below 2^255 + 19.
    let mut carry = 0;
    for _ in 0..2 {
        for limb in &mut limbs {
            *limb += carry;
            carry = *limb >> 51;
            *limb &= MASK;
        }
        carry *= 19;
    }
    limbs[0] += carry;
    // 1 where the number is at least 2^255 − 19: then adding 19 reaches 2^255.
    let mut over = 19;
    for limb in &limbs {
        over = (limb + over) >> 51;
    }
    carry = 19 * over;
    for limb in &mut limbs {
        *limb += carry;
        carry = *limb >> 51;
        *limb &= MASK;
    }
    limbs
}

/// A canonical number as 32 bytes, little-endian.
pub(crate) fn pack(limbs: &Limbs51) -> [u8; 32] {
    debug_assert!(limbs.iter().all(|limb| *limb <= MASK));
    let words = [
        limbs[0] | limbs[1] << 51,
        limbs[1] >> 13 | limbs[2] << 38,
        limbs[2] >> 26 | limbs[3] << 25,
        limbs[3] >> 39 | limbs[4] << 12,
    ];
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// 32 bytes, little-endian, as limbs; the highest bit is left out. The number may be over 2^255 − 19, and is not canonical then.
pub(crate) fn unpack(bytes: &[u8; 32]) -> Limbs51 {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    [
        words[0] & MASK,
        (words[0] >> 51 | words[1] << 13) & MASK,
        (words[1] >> 38 | words[2] << 26) & MASK,
        (words[2] >> 25 | words[3] << 39) & MASK,
        words[3] >> 12 & MASK,
    ]
}
