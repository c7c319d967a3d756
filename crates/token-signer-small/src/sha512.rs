//! SHA-512 (FIPS 180-4, section 6.4) over sha2's block function: `Digest`, with its buffer and its generic lengths,
//! takes more code than these lines.

use sha2::block_api::compress512;
use sha2::{Digest, Sha512};

/// The first 64 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, section 5.3.5).
const INITIAL: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

const BLOCK_LEN: usize = 128;
/// Where in the last block the message's length in bits stands. Its upper eight bytes are zero here.
const LENGTH_AT: usize = BLOCK_LEN - size_of::<u64>();
/// The first byte of a last block that must stay free for the length, which is 16 bytes long.
const PADDED_LEN: usize = BLOCK_LEN - 16;

/// The hash of the parts, end to end.
#[inline(never)]
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    if cfg!(feature = "whole-hash") {
        return parts.iter().fold(Sha512::new(), Sha512::chain_update).finalize().into();
    }
    let mut state = INITIAL;
    let mut block = [0; BLOCK_LEN];
    let mut filled = 0;
    let mut total_len = 0;
    for part in parts {
        total_len += part.len() as u64;
        for byte in *part {
            // `% BLOCK_LEN` changes nothing, and shows the compiler that no bound has to be checked.
            block[filled % BLOCK_LEN] = *byte;
            filled += 1;
            if filled == BLOCK_LEN {
                compress512(&mut state, &[block]);
                filled = 0;
            }
        }
    }

    // A one bit, zeros, the length: in a block of its own where this one has no room for it.
    for (at, byte) in block.iter_mut().enumerate() {
        if at >= filled {
            *byte = if at == filled { 0x80 } else { 0 };
        }
    }
    if filled >= PADDED_LEN {
        compress512(&mut state, &[block]);
        block.fill(0);
    }
    block[LENGTH_AT..].copy_from_slice(&(total_len * 8).to_be_bytes());
    compress512(&mut state, &[block]);

    let mut hash = [0; 64];
    for (bytes, word) in hash.chunks_exact_mut(8).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_length_over_three_blocks_is_hashed_as_sha2_does() {
        let message: Vec<u8> = (0..=255).cycle().take(3 * BLOCK_LEN + 1).collect();
        for len in 0..=message.len() {
            let message = &message[..len];
            assert_eq!(sha512(&[message])[..], Sha512::digest(message)[..], "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn where_the_parts_end_makes_no_difference(parts in vec(vec(any::<u8>(), 0..300), 0..5)) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(&sha512(&slices)[..], &Sha512::digest(parts.concat())[..]);
        }
    }
}
