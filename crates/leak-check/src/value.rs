//! A value and which of its bits are secret, and what integer arithmetic does to both.
//!
//! The rules are those of an abstract interpretation by bits: a bit that is *public* has the same value whatever the
//! secret bits of the operands are. A rule may call a public bit secret (it is then only less precise), never the other
//! way round; `tests/instructions.rs` tries every rule for that on random operands.

/// A value of any Wasm type but a reference: its low 32, 64 or 128 bits, the rest is zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Value {
    /// The bits of the value.
    pub bits: u128,
    /// Those that depend on a secret.
    pub secret: u128,
}

impl Value {
    /// A value that depends on no secret.
    #[must_use]
    pub fn public(bits: impl Into<u128>) -> Self {
        Self { bits: bits.into(), secret: 0 }
    }

    /// Whether any bit depends on a secret.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self.secret != 0
    }

    pub(crate) fn new(bits: u64, secret: u64) -> Self {
        Self { bits: bits.into(), secret: secret.into() }
    }

    /// A result of `width` bits, all of them secret where `secret` says so.
    pub(crate) fn whole<const W: u32>(bits: u64, secret: bool) -> Self {
        Self::new(bits & mask::<W>(), if secret { mask::<W>() } else { 0 })
    }

    /// A result of a comparison: one bit.
    pub(crate) fn bit(bit: bool, secret: bool) -> Self {
        Self::new(bit.into(), secret.into())
    }

    pub(crate) fn u64(self) -> u64 {
        self.bits as u64
    }

    pub(crate) fn u32(self) -> u32 {
        self.bits as u32
    }

    fn taint(self) -> u64 {
        self.secret as u64
    }

    /// The least that the value can be, unsigned, over all its secret bits.
    fn min(self) -> u64 {
        self.u64() & !self.taint()
    }

    /// The most.
    fn max(self) -> u64 {
        self.u64() | self.taint()
    }

    /// With the sign bit turned over, so that the unsigned order is the signed one.
    fn biased<const W: u32>(self) -> Self {
        Self::new(self.u64() ^ (1 << (W - 1)), self.taint())
    }
}

pub(crate) const fn mask<const W: u32>() -> u64 {
    u64::MAX >> (64 - W)
}

/// The lowest bit of `bits` and all above it.
fn from_lowest(bits: u64) -> u64 {
    bits | bits.wrapping_neg()
}

/// The highest bit of `bits` and all below it.
fn to_highest(bits: u64) -> u64 {
    u64::MAX.checked_shr(bits.leading_zeros()).unwrap_or(0)
}

/// A sum, difference or product. Carries go up only, and all values between the bounds (if neither has overflowed)
/// begin with the same bits.
fn carried<const W: u32>(a: Value, b: Value, bits: u64, bounds: impl Fn() -> Option<(u64, u64)>) -> Value {
    let secret = a.taint() | b.taint();
    let mut open = from_lowest(secret) & mask::<W>();
    if secret != 0
        && let Some((min, max)) = bounds()
        && max <= mask::<W>()
    {
        open &= to_highest(min ^ max);
    }
    Value::new(bits & mask::<W>(), open)
}

pub(crate) fn add<const W: u32>(a: Value, b: Value) -> Value {
    let bounds = || a.max().checked_add(b.max()).map(|max| (a.min() + b.min(), max));
    carried::<W>(a, b, a.u64().wrapping_add(b.u64()), bounds)
}

pub(crate) fn sub<const W: u32>(a: Value, b: Value) -> Value {
    let bounds = || a.min().checked_sub(b.max()).map(|min| (min, a.max() - b.min()));
    carried::<W>(a, b, a.u64().wrapping_sub(b.u64()), bounds)
}

pub(crate) fn mul<const W: u32>(a: Value, b: Value) -> Value {
    let bounds = || a.max().checked_mul(b.max()).map(|max| (a.min() * b.min(), max));
    carried::<W>(a, b, a.u64().wrapping_mul(b.u64()), bounds)
}

pub(crate) fn and(a: Value, b: Value) -> Value {
    Value { bits: a.bits & b.bits, secret: (a.secret & b.secret) | (a.secret & b.bits) | (b.secret & a.bits) }
}

pub(crate) fn or(a: Value, b: Value) -> Value {
    Value { bits: a.bits | b.bits, secret: (a.secret & b.secret) | (a.secret & !b.bits) | (b.secret & !a.bits) }
}

pub(crate) fn xor(a: Value, b: Value) -> Value {
    Value { bits: a.bits ^ b.bits, secret: a.secret | b.secret }
}

/// A shift or rotation by `b`, done to the bits and to what is known of them.
pub(crate) fn shift<const W: u32>(a: Value, b: Value, f: impl Fn(u64, u32) -> u64) -> Value {
    let amount = b.u32() & (W - 1);
    let secret = if b.taint() & u64::from(W - 1) == 0 {
        f(a.taint(), amount)
    } else if a.max() == 0 {
        0
    } else {
        u64::MAX
    };
    Value::new(f(a.u64(), amount) & mask::<W>(), secret & mask::<W>())
}

pub(crate) fn rotl<const W: u32>(x: u64, amount: u32) -> u64 {
    if W == 32 { (x as u32).rotate_left(amount).into() } else { x.rotate_left(amount) }
}

/// The value of `x`'s low W bits as a signed number.
pub(crate) fn signed<const W: u32>(x: u64) -> i64 {
    (x << (64 - W)) as i64 >> (64 - W)
}

pub(crate) fn eqz<const W: u32>(a: Value) -> Value {
    Value::bit(a.u64() == 0, a.is_secret() && a.min() == 0)
}

pub(crate) fn eq(a: Value, b: Value) -> Value {
    let open = a.taint() | b.taint();
    // Where two public bits differ, the answer is public.
    let differ = (a.u64() ^ b.u64()) & !open != 0;
    Value::bit(a.u64() == b.u64(), open != 0 && !differ)
}

pub(crate) fn not(bit: Value) -> Value {
    Value::new(bit.u64() ^ 1, bit.taint())
}

pub(crate) fn lt_u(a: Value, b: Value) -> Value {
    let settled = a.max() < b.min() || a.min() >= b.max();
    Value::bit(a.u64() < b.u64(), (a.taint() | b.taint()) != 0 && !settled)
}

pub(crate) fn lt_s<const W: u32>(a: Value, b: Value) -> Value {
    lt_u(a.biased::<W>(), b.biased::<W>())
}

/// The low `FROM` bits, sign-extended to `TO`.
pub(crate) fn extend_s<const FROM: u32, const TO: u32>(a: Value) -> Value {
    Value::new(signed::<FROM>(a.u64()) as u64 & mask::<TO>(), signed::<FROM>(a.taint()) as u64 & mask::<TO>())
}

pub(crate) fn wrap<const W: u32>(a: Value) -> Value {
    Value::new(a.u64() & mask::<W>(), a.taint() & mask::<W>())
}
