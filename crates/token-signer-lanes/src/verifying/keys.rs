//! The keys that are held, each with its table, and those that may be worth it.

use crate::field::Field;
use crate::room::{Arena, Memory};
use crate::verifying::decode::decode_negative;
use crate::verifying::table::{Table, Work};

/// How many keys are held. When one more comes, the one that was used least recently goes.
pub(crate) const HELD_KEYS: usize = 16;
/// How many keys that are not held are counted.
const SEEN_KEYS: usize = 64;
/// How often a key must have come to be held: its table costs as much as so many signatures save.
const WORTH_IT: u32 = 48;

struct Held<F: Field> {
    public_key: [u8; 32],
    is_small: bool,
    /// When it was used last, 0 if no key is here.
    used: u64,
    table: Option<&'static mut Table<F>>,
}

/// The keys.
pub(crate) struct Keys<F: Field> {
    held: [Held<F>; HELD_KEYS],
    clock: u64,
    last: usize,
    seen: [([u8; 32], u32); SEEN_KEYS],
    next_seen: usize,
}

impl<F: Field> Keys<F> {
    pub(crate) const NEW: Self = Self {
        held: [const { Held { public_key: [0; 32], is_small: false, used: 0, table: None } }; HELD_KEYS],
        clock: 0,
        last: 0,
        seen: [([0; 32], 0); SEEN_KEYS],
        next_seen: 0,
    };

    /// Where a key is held.
    #[inline(never)]
    pub(crate) fn find(&mut self, public_key: &[u8; 32]) -> Option<usize> {
        let is_it = |held: &Held<F>| held.used > 0 && held.public_key == *public_key;
        let found = if is_it(&self.held[self.last]) { self.last } else { self.held.iter().position(is_it)? };
        self.clock += 1;
        self.held[found].used = self.clock;
        self.last = found;
        Some(found)
    }

    pub(crate) fn is_small(&self, slot: usize) -> bool {
        self.held[slot].is_small
    }

    pub(crate) fn table(&self, slot: usize) -> &Table<F> {
        self.held[slot].table.as_deref().expect("a key that is held has a table")
    }

    /// Counts a key that comes, and holds it once it is worth it.
    #[inline(never)]
    pub(crate) fn see<M: Memory>(&mut self, k: &F, work: &mut Work<F>, arena: &mut Arena<M>, public_key: &[u8; 32]) {
        if self.find(public_key).is_some() {
            return;
        }
        let seen = match self.seen.iter().position(|(key, count)| *count > 0 && key == public_key) {
            Some(at) => at,
            None => {
                let at = self.next_seen;
                self.next_seen = (at + 1) % SEEN_KEYS;
                self.seen[at] = (*public_key, 0);
                at
            }
        };
        self.seen[seen].1 += 1;
        if self.seen[seen].1 == WORTH_IT {
            self.seen[seen].1 = 0;
            self.hold(k, work, arena, public_key);
        }
    }

    /// Holds a key, and says where; not if it is no point, or memory has no room for its table.
    #[inline(never)]
    pub(crate) fn hold<M: Memory>(
        &mut self,
        k: &F,
        work: &mut Work<F>,
        arena: &mut Arena<M>,
        public_key: &[u8; 32],
    ) -> Option<usize> {
        if let Some(slot) = self.find(public_key) {
            return Some(slot);
        }
        let [[key, _], _] = decode_negative(k, [[public_key; 2]; 2]);
        if !key.is_point {
            return None;
        }
        let oldest = (0..HELD_KEYS).min_by_key(|slot| self.held[*slot].used)?;
        let with_table = |slot: &usize| self.held[*slot].table.is_some();
        let slot = if with_table(&oldest) {
            oldest
        } else if let Some(table) = arena.take_table() {
            self.held[oldest].table = Some(table);
            oldest
        } else {
            (0..HELD_KEYS).filter(with_table).min_by_key(|slot| self.held[*slot].used)?
        };
        let held = &mut self.held[slot];
        held.table.as_deref_mut()?.build(k, work, &key.x, &key.y);
        self.clock += 1;
        held.used = self.clock;
        held.public_key = *public_key;
        held.is_small = key.is_small;
        self.last = slot;
        Some(slot)
    }
}

impl<M: Memory> Arena<M> {
    /// Room for a table, for ever.
    fn take_table<F: Field>(&mut self) -> Option<&'static mut Table<F>> {
        // Aligned to 16 bytes, and up to 48 more are left out.
        const { assert!(align_of::<Table<F>>() <= 64) };
        let at = self.take(size_of::<Table<F>>() + 48)?;
        let at = at.wrapping_add(at.align_offset(align_of::<Table<F>>()));
        // SAFETY: it is as large and aligned as it must be, nothing else is ever there, and any bits are a table: what
        // is new is zero.
        Some(unsafe { &mut *at.cast() })
    }
}
