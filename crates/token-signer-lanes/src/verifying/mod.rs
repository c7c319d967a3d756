//! Verification by the batch: S·B − k·A for many signatures at once, and its encoding compared with R.
//!
//! Nothing here is secret: tables are indexed, and time varies. Each verdict is that of the single check; nothing is combined
//! at random.

mod decode;
#[cfg(all(target_family = "wasm", feature = "verifier"))]
pub mod exports;
mod half;
mod instance;
mod items;
mod keys;
mod recode;
mod table;

use scalar_product::multiply_add_bytes;

use crate::curve::{BASE_X, BASE_Y, D, HALF, ONE};
use crate::field::{Entry, Field, Point, mul, mul_by, sign_bits};
use crate::hash::hashed;
use crate::point::{for_each_encoding, from_entry};
use crate::room::{Arena, Memory};
use crate::verifying::half::{Half, halve};
pub(crate) use items::{Item, Items};
pub(crate) use keys::{HELD_KEYS, Keys};
use recode::recode;
use table::{Cached, Table, WINDOWS, Work, cached, double, gather, lanes, nothing};

/// The most signatures that share one inversion.
const AT_ONCE: usize = 256;

/// Pairs whose sums go through the windows together: their entries are near each other, and their sums stay in the cache.
const PAIRS: usize = 8;

/// For a key that is not held: bits of a digit, and digits.
const SHORT_WIDTH: usize = 4;
const SHORT_WINDOWS: usize = 254usize.div_ceil(SHORT_WIDTH);
const SHORT_MULTIPLES: usize = 1 << (SHORT_WIDTH - 1);

/// One signature on its way through: where it is in the chunk, where its key is held, and what its sum is made of.
#[derive(Clone, Copy)]
struct Job {
    at: usize,
    slot: usize,
    s: [u8; 32],
    challenge: [u8; 32],
}

impl Job {
    const NONE: Self = Self { at: 0, slot: 0, s: [0; 32], challenge: [0; 32] };
}

/// 0 to 8 times a point in each lane.
type Short<E> = [Cached<E>; SHORT_MULTIPLES + 1];

/// Verifies signatures, and holds keys.
pub(crate) struct Verifier<F: Field> {
    /// Of the base point, once it is built.
    base: Table<F>,
    is_built: bool,
    work: Work<F>,
    /// Of the key and of R.
    short: [Short<F::Element>; 2],
    sums: [Point<F::Element>; AT_ONCE / 2],
    pub(crate) keys: Keys<F>,
}

impl<F: Field> Verifier<F> {
    pub(crate) const NEW: Self = Self {
        base: Table::EMPTY,
        is_built: false,
        work: Work::NEW,
        short: [[Cached::filled(F::ZERO); SHORT_MULTIPLES + 1]; 2],
        sums: [Point::filled(F::ZERO); AT_ONCE / 2],
        keys: Keys::NEW,
    };

    /// Holds a key, and says in which place; `None` if it is no point, or memory has no room for its table.
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
        let mut all = [None; AT_ONCE];
        let mut jobs = [Job::NONE; AT_ONCE];
        let mut count = 0;
        for (at, (item, verdict)) in items.zip(verdicts.iter_mut()).enumerate() {
            *verdict = 0;
            all[at] = Some(item);
            let (r, s) = item.signature.split_at(32);
            let s: [u8; 32] = s.try_into().expect("64 bytes are 32 and 32");
            if is_canonical(&s) {
                let challenge = hashed(&[r, item.public_key, item.message]).to_bytes();
                let slot = self.keys.find(item.public_key).unwrap_or(HELD_KEYS);
                jobs[count] = Job { at, slot, s, challenge };
                count += 1;
            }
        }
        // In the order of their keys, so that what is near in time is near in memory. Those without come last.
        let mut sorted = [&Job::NONE; AT_ONCE];
        let (mut at, mut held) = (0, 0);
        for slot in 0..=HELD_KEYS {
            held = at;
            for job in jobs[..count].iter().filter(|job| job.slot == slot) {
                sorted[at] = job;
                at += 1;
            }
        }
        let item = |at: usize| all[at].expect("a job has an item");
        let mut places = [[0; 2]; AT_ONCE / 2];
        let mut pairs = 0;
        for jobs in sorted[..held].chunks(2 * PAIRS) {
            self.add_held(k, jobs, pairs);
            for pair in jobs.chunks(2) {
                places[pairs] = lanes(|lane| pair[lane.min(pair.len() - 1)].at);
                pairs += 1;
            }
        }
        for_each_encoding(k, &k.load_limbs51([&ONE; 2]), &mut self.sums[..pairs], |pair, encodings| {
            for (at, encoding) in places[pair].iter().zip(encodings) {
                let is_right = encoding == item(*at).signature[..32];
                verdicts[*at] = u8::from(is_right && !(strict && decode::is_small_encoding(&encoding)));
            }
        });
        for job in &sorted[..held] {
            verdicts[job.at] &= u8::from(!(strict && self.keys.is_small(job.slot)));
        }
        for jobs in sorted[held..count].chunks(2) {
            let jobs = lanes(|lane| jobs[lane.min(jobs.len() - 1)]);
            let are_right = self.check_others(k, jobs, jobs.map(|job| item(job.at)), strict);
            for (job, is_right) in jobs.iter().zip(are_right) {
                verdicts[job.at] = u8::from(is_right);
            }
        }
    }

    /// The sums of up to 16 signatures whose keys are held, to the places from `first` on.
    #[inline(never)]
    fn add_held(&mut self, k: &F, jobs: &[&Job], first: usize) {
        let one = k.load_limbs51([&ONE; 2]);
        let mut digits = [[[0; WINDOWS]; 2]; 2 * PAIRS];
        let mut tables = [&self.base; 2 * PAIRS];
        for (at, (digits, table)) in digits.iter_mut().zip(&mut tables).enumerate() {
            let job = &jobs[at.min(jobs.len() - 1)];
            recode(table::WIDTH, &job.s, &mut digits[0]);
            recode(table::WIDTH, &job.challenge, &mut digits[1]);
            *table = self.keys.table(job.slot);
        }
        let sums = &mut self.sums[first..first + jobs.len().div_ceil(2)];
        let mut entries = [[Entry([F::ZERO; 3]); 2]; PAIRS];
        #[expect(clippy::needless_range_loop, reason = "a window is one of digits and of tables")]
        for window in 0..WINDOWS {
            // All are found before any is added: the processor waits for memory once, not each time.
            for (pair, [base, key]) in entries[..sums.len()].iter_mut().enumerate() {
                let [a, b] = lanes(|lane| self.base.find(window, digits[2 * pair + lane][0][window]));
                gather(k, base, a, b);
                let [a, b] = lanes(|lane| tables[2 * pair + lane].find(window, digits[2 * pair + lane][1][window]));
                gather(k, key, a, b);
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

    /// Whether two signatures are right whose keys are not held: whether v·S·B − u·A − v·R is nothing. See [`half`].
    #[inline(never)]
    fn check_others(&mut self, k: &F, jobs: [&Job; 2], items: [Item<'_>; 2], strict: bool) -> [bool; 2] {
        let rs = items.map(|item| item.signature.first_chunk().expect("it has 64 bytes"));
        let [keys, rs] = decode::decode_negative(k, [items.map(|item| item.public_key), rs]);
        let halves = jobs.map(|job| halve(&job.challenge));
        let both = |number| k.load_limbs51([number; 2]);
        let (one, half, d, zero) = (both(&ONE), both(&HALF), both(&D), both(&[0; 5]));
        for (multiples, points) in self.short.iter_mut().zip([&keys, &rs]) {
            let (x, y) = (k.load_limbs51([&points[0].x, &points[1].x]), k.load_limbs51([&points[0].y, &points[1].y]));
            let mut first = multiples[0];
            let mut multiple = Point { x, y, z: one, t: mul(k, &x, &y) };
            multiples[0] = Cached { entry: nothing(k), z: one };
            for (at, to) in multiples[1..].iter_mut().enumerate() {
                cached(k, to, &half, &d, &multiple);
                if at == 0 {
                    first = *to;
                }
                add_multiple(k, &mut multiple, &first);
            }
        }
        let mut digits = [[[0; SHORT_WINDOWS]; 2]; 2];
        for (lane, Half { u, v, .. }) in halves.iter().enumerate() {
            recode(SHORT_WIDTH, u, &mut digits[0][lane]);
            recode(SHORT_WIDTH, v, &mut digits[1][lane]);
        }
        let mut sum = Point { x: zero, y: one, z: one, t: zero };
        let mut multiple = Cached::filled(zero);
        let is_used = |window: &usize| digits.as_flattened().iter().any(|digits| digits[*window] != 0);
        for window in (0..=(0..SHORT_WINDOWS).rfind(is_used).unwrap_or(0)).rev() {
            double(k, &mut sum, SHORT_WIDTH);
            for (which, (multiples, digits)) in self.short.iter().zip(&digits).enumerate() {
                let [low, high] = lanes(|lane| {
                    let digit = digits[lane][window];
                    let is_opposite = (digit < 0) != (which == 0 && halves[lane].is_negative);
                    (&multiples[usize::from(digit.unsigned_abs())], is_opposite)
                });
                gather_short::<F>(&mut multiple, low, high);
                add_multiple(k, &mut sum, &multiple);
            }
        }
        let digits = lanes(|lane| {
            let product = multiply_add_bytes(&halves[lane].v, &jobs[lane].s, &[0; 32]);
            let mut digits = [0; WINDOWS];
            recode(table::WIDTH, product.as_bytes(), &mut digits);
            digits
        });
        #[expect(clippy::needless_range_loop, reason = "a window is one of digits and of tables")]
        for window in 0..WINDOWS {
            let [a, b] = lanes(|lane| self.base.find(window, digits[lane][window]));
            gather(k, &mut multiple.entry, a, b);
            add_entry(k, &mut sum, &multiple.entry);
        }
        let [x, y, z] = [sum.x, sum.y, sum.z].map(|element| k.to_limbs51(&element));
        lanes(|lane| {
            let is_nothing = x[lane] == [0; 5] && y[lane] == z[lane];
            let [key, r] = [&keys[lane], &rs[lane]];
            is_nothing && key.is_point && r.is_point && r.is_canonical && !(strict && (key.is_small || r.is_small))
        })
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
fn add_multiple<F: Field>(k: &F, sum: &mut Point<F::Element>, multiple: &Cached<F::Element>) {
    mul_by(k, &mut sum.z, &multiple.z);
    add_entry(k, sum, &multiple.entry);
}

/// One multiple for each lane, and whether its opposite is wanted.
#[inline(never)]
fn gather_short<F: Field>(
    gathered: &mut Cached<F::Element>,
    (low, low_is_opposite): (&Cached<F::Element>, bool),
    (high, high_is_opposite): (&Cached<F::Element>, bool),
) {
    for (at, element) in gathered.entry.0.iter_mut().enumerate() {
        let of = |is_opposite: bool| at ^ usize::from(is_opposite && at < 2);
        *element = F::pick(&low.entry.0[of(low_is_opposite)], &high.entry.0[of(high_is_opposite)]);
    }
    gathered.entry.0[2] = F::flip(&gathered.entry.0[2], sign_bits(low_is_opposite, high_is_opposite));
    gathered.z = F::pick(&low.z, &high.z);
}

#[cfg(test)]
mod tests;
