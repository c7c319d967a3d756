//! Verification by the batch: S·B − k·A for many signatures at once, and its encoding compared with R.
//!
//! Nothing here is secret: tables are indexed, and time varies. Each verdict is that of the single check; nothing is combined
//! at random.

mod decode;
#[cfg(all(target_family = "wasm", feature = "verifier"))]
pub mod exports;
mod instance;
mod items;
mod keys;
mod recode;
mod table;

use crate::curve::{BASE_X, BASE_Y, D, HALF, ONE};
use crate::field::{Entry, Field, Point, mul};
use crate::hash::hashed;
use crate::point::{for_each_encoding, from_entry};
use crate::room::{Arena, Memory};
pub(crate) use items::{Item, Items};
pub(crate) use keys::{HELD_KEYS, Keys};
use recode::recode;
use table::{Stored, Table, WINDOWS, Work, cached, double, gather, lanes};

/// The most signatures that share one inversion.
const AT_ONCE: usize = 256;

/// Pairs whose sums go through the windows together: their entries are near each other, and their sums stay in the cache.
const PAIRS: usize = 8;

/// For a key that is not held: bits of a digit, and digits.
const SHORT_WIDTH: usize = 5;
const SHORT_WINDOWS: usize = 254usize.div_ceil(SHORT_WIDTH);
const SHORT_MULTIPLES: usize = 1 << (SHORT_WIDTH - 1);

/// One signature on its way through: where it is in the chunk, and what its sum is made of.
#[derive(Clone, Copy)]
struct Job {
    at: usize,
    s: [u8; 32],
    challenge: [u8; 32],
}

/// A multiple of the key in each lane, with its z.
struct Short<F: Field>([[(Stored<F>, F::Limbs); SHORT_MULTIPLES + 1]; 2]);

/// Verifies signatures, and holds keys.
pub(crate) struct Verifier<F: Field> {
    /// Of the base point, once it is built.
    base: Table<F>,
    is_built: bool,
    work: Work<F>,
    short: Short<F>,
    sums: [Point<F::Element>; AT_ONCE / 2 + 1],
    pub(crate) keys: Keys<F>,
}

impl<F: Field> Verifier<F> {
    pub(crate) const NEW: Self = Self {
        base: Table::EMPTY,
        is_built: false,
        work: Work::NEW,
        short: Short([[([F::NO_LIMBS; 3], F::NO_LIMBS); SHORT_MULTIPLES + 1]; 2]),
        sums: [Point::filled(F::ZERO); AT_ONCE / 2 + 1],
        keys: Keys::NEW,
    };

    /// Holds a key: whether it is a point, and memory has room for its table.
    pub(crate) fn hold<M: Memory>(&mut self, arena: &mut Arena<M>, public_key: &[u8; 32]) -> Option<usize> {
        self.keys.hold(F::constants(), &mut self.work, arena, public_key)
    }

    /// A verdict for each item: 1 where the signature is right.
    pub(crate) fn verify<M: Memory>(
        &mut self,
        arena: &mut Arena<M>,
        items: Items<'_>,
        strict: bool,
        verdicts: &mut [u8],
    ) {
        let k = F::constants();
        if !self.is_built {
            self.base.build(k, &mut self.work, &BASE_X, &BASE_Y);
            self.is_built = true;
        }
        for item in items.clone() {
            self.keys.see(k, &mut self.work, arena, item.public_key);
        }
        let mut rest = items;
        for verdicts in verdicts.chunks_mut(AT_ONCE) {
            self.verify_chunk(k, rest.clone(), strict, verdicts);
            for _ in 0..verdicts.len() {
                rest.next();
            }
        }
    }

    #[inline(never)]
    fn verify_chunk(&mut self, k: &F, items: Items<'_>, strict: bool, verdicts: &mut [u8]) {
        const NO_JOB: Job = Job { at: 0, s: [0; 32], challenge: [0; 32] };
        let count = verdicts.len();
        verdicts.fill(0);
        // Those whose keys are held come first, the others from the end.
        let mut jobs = [NO_JOB; AT_ONCE];
        let mut slots = [0; AT_ONCE];
        let mut keys = [&[0; 32]; AT_ONCE];
        let (mut held, mut others) = (0, 0);
        for (at, item) in items.clone().take(count).enumerate() {
            let (r, s) = item.signature.split_at(32);
            let s: [u8; 32] = s.try_into().expect("64 bytes are 32 and 32");
            if !is_canonical(&s) {
                continue;
            }
            let challenge = hashed(&[r, item.public_key, item.message]).to_bytes();
            let job = Job { at, s, challenge };
            if let Some(slot) = self.keys.find(item.public_key) {
                if strict && self.keys.is_small(slot) {
                    continue;
                }
                jobs[held] = job;
                slots[held] = slot;
                held += 1;
            } else {
                others += 1;
                jobs[count - others] = job;
                keys[count - others] = item.public_key;
            }
        }
        let (jobs, slots) = (&jobs, &slots);
        let mut places = [[0; 2]; AT_ONCE / 2 + 1];
        let mut pairs = 0;
        for (jobs, slots) in jobs[..held].chunks(2 * PAIRS).zip(slots.chunks(2 * PAIRS)) {
            self.add_held(k, jobs, slots, pairs);
            for pair in jobs.chunks(2) {
                places[pairs] = lanes(|lane| pair[lane.min(pair.len() - 1)].at);
                pairs += 1;
            }
        }
        for (jobs, keys) in jobs[count - others..count].chunks(2).zip(keys[count - others..count].chunks(2)) {
            let jobs: [&Job; 2] = lanes(|lane| &jobs[lane.min(jobs.len() - 1)]);
            let keys: [&[u8; 32]; 2] = lanes(|lane| keys[lane.min(keys.len() - 1)]);
            let usable = self.add_other(k, jobs, keys, strict, pairs);
            places[pairs] = lanes(|lane| if usable[lane] { jobs[lane].at } else { usize::MAX });
            pairs += 1;
        }
        let mut results = [[0; 32]; AT_ONCE];
        for_each_encoding(k, &k.load_limbs51([&ONE; 2]), &mut self.sums[..pairs], |pair, encodings| {
            for (at, encoding) in places[pair].iter().zip(encodings) {
                if let Some(result) = results.get_mut(*at) {
                    *result = encoding;
                    verdicts[*at] = 1;
                }
            }
        });
        for ((verdict, result), item) in verdicts.iter_mut().zip(&results).zip(items) {
            let same = *result == item.signature[..32];
            *verdict &= u8::from(same && !(strict && decode::is_small_encoding(result)));
        }
    }

    /// The sums of up to 16 signatures whose keys are held, to the places from `first` on.
    #[inline(never)]
    fn add_held(&mut self, k: &F, jobs: &[Job], slots: &[usize], first: usize) {
        let one = k.load_limbs51([&ONE; 2]);
        let mut digits = [[[0; WINDOWS]; 2]; 2 * PAIRS];
        for (digits, job) in digits.iter_mut().zip(jobs) {
            *digits =
                [recode::<{ table::WIDTH }, WINDOWS>(&job.s), recode::<{ table::WIDTH }, WINDOWS>(&job.challenge)];
        }
        let sums = &mut self.sums[first..first + jobs.len().div_ceil(2)];
        let mut entries = [[Entry([F::ZERO; 3]); 2]; PAIRS];
        for window in 0..WINDOWS {
            // All are found before any is added: the processor waits for memory once, not each time.
            for (pair, [base, key]) in entries[..sums.len()].iter_mut().enumerate() {
                let lanes = lanes(|lane| (2 * pair + lane).min(jobs.len() - 1));
                *base = gather::<F>(lanes.map(|lane| self.base.find(window, digits[lane][0][window])));
                *key =
                    gather::<F>(lanes.map(|lane| self.keys.table(slots[lane]).find(window, digits[lane][1][window])));
            }
            for (sum, [base, key]) in sums.iter_mut().zip(&entries) {
                if window == 0 {
                    *sum = from_entry(k, &one, base);
                } else {
                    add_entry(k, sum, base);
                }
                add_entry(k, sum, key);
            }
        }
    }

    /// The sum of two signatures whose keys are not held, and which of them are to be taken: those whose keys are points.
    #[inline(never)]
    fn add_other(&mut self, k: &F, jobs: [&Job; 2], keys: [&[u8; 32]; 2], strict: bool, to: usize) -> [bool; 2] {
        let keys = decode::decode_negative(k, keys);
        let both = |number| k.load_limbs51([number; 2]);
        let (one, half, d, zero) = (both(&ONE), both(&HALF), both(&D), both(&[0; 5]));
        let [x, y] = [k.load_limbs51([&keys[0].x, &keys[1].x]), k.load_limbs51([&keys[0].y, &keys[1].y])];
        let key = Point { x, y, z: one, t: mul(k, &x, &y) };
        let (entry, z) = cached(k, &half, &d, &key);
        let mut multiple = key;
        let nothing = Entry([half, half, zero]);
        for at in 0..=SHORT_MULTIPLES {
            let (entry_of_it, z_of_it) = match at {
                0 => (nothing, one),
                1 => (entry, z),
                _ => {
                    add_multiple(k, &mut multiple, &entry, &z);
                    cached(k, &half, &d, &multiple)
                }
            };
            let (coordinates, z) = (entry_of_it.0.map(|element| F::split(&element)), F::split(&z_of_it));
            for (lane, multiples) in self.short.0.iter_mut().enumerate() {
                multiples[at] = (coordinates.map(|limbs| limbs[lane]), z[lane]);
            }
        }
        let digits = jobs.map(|job| recode::<SHORT_WIDTH, SHORT_WINDOWS>(&job.challenge));
        let mut sum = Point { x: zero, y: one, z: one, t: zero };
        for window in (0..SHORT_WINDOWS).rev() {
            double(k, &mut sum, SHORT_WIDTH);
            let found = lanes(|lane| {
                let digit = digits[lane][window];
                let (entry, z) = &self.short.0[lane][usize::from(digit.unsigned_abs())];
                ((entry, digit < 0), z)
            });
            add_multiple(k, &mut sum, &gather::<F>([found[0].0, found[1].0]), &F::join(found[0].1, found[1].1));
        }
        let digits = jobs.map(|job| recode::<{ table::WIDTH }, WINDOWS>(&job.s));
        for window in 0..WINDOWS {
            let base = gather::<F>(lanes(|lane| self.base.find(window, digits[lane][window])));
            add_entry(k, &mut sum, &base);
        }
        self.sums[to] = sum;
        keys.map(|key| key.is_point && !(strict && key.is_small))
    }
}

/// Whether S is below the group order.
#[inline(never)]
fn is_canonical(s: &[u8; 32]) -> bool {
    /// L, most significant byte first.
    const ORDER: [u8; 32] = [
        0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12,
        0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
    ];
    s.iter().rev().lt(&ORDER)
}

/// See [`Field::add_entry`].
#[inline(never)]
fn add_entry<F: Field>(k: &F, sum: &mut Point<F::Element>, entry: &Entry<F::Element>) {
    k.add_entry(sum, entry);
}

/// Adds a point that is not affine: what the formula has for Z is the product of both.
#[inline(never)]
fn add_multiple<F: Field>(k: &F, sum: &mut Point<F::Element>, entry: &Entry<F::Element>, z: &F::Element) {
    sum.z = mul(k, &sum.z, z);
    add_entry(k, sum, entry);
}

#[cfg(test)]
mod tests;
