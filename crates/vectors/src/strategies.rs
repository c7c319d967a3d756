//! Strategies for property tests: seeds, keypairs and messages drawn from the files of vectors, beside random ones,
//! and flipped bits.

use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::ops::{Op, SessionStep};
use crate::{Suite, load_dir};
use ed25519_reference::Key;

/// Longer messages of the files are left out: a property test asks many questions.
const MAX_DRAWN_LEN: usize = 4096;

/// A seed: of a key of the files, or random.
pub fn seeds() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![select(&DRAWN.seeds[..]), any::<[u8; 32]>()]
}

/// A keypair whose halves belong together.
pub fn keypairs() -> impl Strategy<Value = [u8; 64]> {
    prop_oneof![select(&DRAWN.keypairs[..]), any::<[u8; 32]>().prop_map(|seed| Key::from_seed(&seed).keypair()),]
}

/// A keypair whose halves do not belong together: with a bit flipped, or of two keys.
pub fn mismatched_keypairs() -> impl Strategy<Value = [u8; 64]> {
    let flipped = (keypairs(), any::<Index>()).prop_map(|(pair, bit)| flip(pair, bit));
    let mixed = (keypairs(), keypairs()).prop_filter_map("two keys", |(one, another)| {
        let mut mixed = one;
        mixed[32..].copy_from_slice(&another[32..]);
        (mixed != one).then_some(mixed)
    });
    prop_oneof![flipped, mixed]
}

/// A message: of the files, random, or text.
pub fn messages() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![select(&DRAWN.messages[..]), vec(any::<u8>(), 0..300), any::<String>().prop_map(String::into_bytes),]
}

/// The same bytes with one bit the other way round.
///
/// # Panics
///
/// Where there are no bytes.
pub fn flip<Bytes: AsMut<[u8]>>(mut bytes: Bytes, bit: Index) -> Bytes {
    let slice = bytes.as_mut();
    let bit = bit.index(8 * slice.len());
    slice[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// What the files have to draw from.
struct Drawn {
    seeds: Vec<[u8; 32]>,
    keypairs: Vec<[u8; 64]>,
    messages: Vec<Vec<u8>>,
}

static DRAWN: LazyLock<Drawn> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let suites = load_dir(&dir).unwrap_or_else(|problems| panic!("{problems}"));
    Drawn::from_suites(&suites)
});

impl Drawn {
    fn from_suites(suites: &[Suite]) -> Self {
        let mut drawn = Self { seeds: Vec::new(), keypairs: Vec::new(), messages: Vec::new() };
        for op in suites.iter().flat_map(|suite| &suite.cases).map(|case| &case.op) {
            match op {
                Op::PublicKey(input) => drawn.seeds.extend(<[u8; 32]>::try_from(input.seed.to_vec())),
                Op::Sign(input) => drawn.signing(&input.keypair, [&input.message]),
                Op::SignMany(input) => drawn.signing(&input.keypair, input.messages.iter().take(200)),
                Op::Verify(input) | Op::VerifyStrict(input) => drawn.message(&input.message),
                Op::VerifyMany(input) | Op::VerifyManyStrict(input) => {
                    input.items.iter().for_each(|item| drawn.message(&item.message));
                }
                Op::Session(session) => {
                    for step in &session.steps {
                        match step {
                            SessionStep::Sign(input) => drawn.message(&input.message),
                            SessionStep::SignWith(input) => drawn.signing(&input.keypair, [&input.message]),
                            SessionStep::LoadKey(input) => drawn.signing(&input.keypair, []),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        drawn.messages.sort();
        drawn.messages.dedup();
        // Pairs that are wrong on purpose are in the files too.
        drawn.keypairs.sort();
        drawn.keypairs.dedup();
        drawn.keypairs.retain(|pair| {
            let seed = pair.first_chunk().expect("a pair is longer than a seed");
            Key::from_seed(seed).keypair() == *pair
        });
        drawn
    }

    fn signing<'a>(&mut self, keypair: &crate::Bytes, messages: impl IntoIterator<Item = &'a crate::Bytes>) {
        self.keypairs.extend(<[u8; 64]>::try_from(keypair.to_vec()));
        messages.into_iter().for_each(|message| self.message(message));
    }

    fn message(&mut self, message: &crate::Bytes) {
        if message.len() <= MAX_DRAWN_LEN {
            self.messages.push(message.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_have_much_to_draw_from() {
        assert!(DRAWN.seeds.len() > 1000, "{} seeds", DRAWN.seeds.len());
        assert!(DRAWN.keypairs.len() > 1000, "{} keypairs", DRAWN.keypairs.len());
        assert!(DRAWN.messages.len() > 1024, "{} messages", DRAWN.messages.len());
        assert!(DRAWN.messages.contains(&Vec::new()), "the empty message");
        assert!(DRAWN.messages.iter().any(|message| message.len() == 1023), "the longest of sign.input");
    }
}
