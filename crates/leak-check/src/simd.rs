//! Arithmetic on v128. What is not bitwise, a shift or a move of lanes makes a whole lane secret if a lane that it is
//! made from has a secret bit.

use wasmparser::Operator;

use crate::float::{of_bits, saturated};
use crate::numeric::Arithmetic::{self, One, Three, Two};
use crate::value::{Value, and, extend_s, mask, or, signed, xor};

/// An instruction on a vector as 128 bits.
pub(crate) fn find_bitwise(op: &str) -> Option<Arithmetic> {
    Some(match op {
        "Not" => One(not),
        "And" => Two(and),
        "Or" => Two(or),
        "Xor" => Two(xor),
        "AndNot" => Two(|a, b| and(a, not(b))),
        "Bitselect" => Three(bitselect),
        "AnyTrue" => One(|a| Value::bit(a.bits != 0, a.is_secret() && a.bits & !a.secret == 0)),
        _ => return None,
    })
}

/// The instruction `op` on lanes of `W` bits, some of which read lanes of `HALF` or `TWICE` the width.
///
/// The relaxed instructions are their strict namesakes.
pub(crate) fn find<const HALF: u32, const W: u32, const TWICE: u32>(op: &str) -> Option<Arithmetic> {
    macro_rules! one {
        ($f:expr) => {
            One(|a| map::<W, 1>(128 / W, [a], |[x]| $f(x)))
        };
    }
    macro_rules! two {
        ($f:expr) => {
            Two(|a, b| map::<W, 2>(128 / W, [a, b], |[x, y]| $f(x, y)))
        };
    }
    macro_rules! two_signed {
        ($f:expr) => {
            two!(|x, y| $f(signed::<W>(x), signed::<W>(y)))
        };
    }
    macro_rules! shift {
        ($f:expr) => {
            Two(|a, b| lane_shift::<W>(a, b, $f))
        };
    }
    Some(match op {
        "Swizzle" | "RelaxedSwizzle" => Two(swizzle),
        "RelaxedLaneselect" => Three(bitselect),
        "Splat" => One(splat::<W>),
        "Eq" => two!(|x, y| truth(x == y)),
        "Ne" => two!(|x, y| truth(x != y)),
        "LtU" => two!(|x, y| truth(x < y)),
        "GtU" => two!(|x, y| truth(x > y)),
        "LeU" => two!(|x, y| truth(x <= y)),
        "GeU" => two!(|x, y| truth(x >= y)),
        "LtS" => two_signed!(|x, y| truth(x < y)),
        "GtS" => two_signed!(|x, y| truth(x > y)),
        "LeS" => two_signed!(|x, y| truth(x <= y)),
        "GeS" => two_signed!(|x, y| truth(x >= y)),
        "Abs" => one!(|x| signed::<W>(x).unsigned_abs()),
        "Neg" => one!(u64::wrapping_neg),
        "Popcnt" => one!(|x: u64| x.count_ones().into()),
        "AllTrue" => One(|a| {
            let all = (0..128 / W).all(|lane| lane_of(a, lane as u8, W).u64() != 0);
            Value::bit(all, a.is_secret())
        }),
        "Bitmask" => One(bitmask::<W>),
        "Shl" => shift!(|x, n| x << n),
        "ShrS" => shift!(|x, n| (signed::<W>(x) >> n) as u64),
        "ShrU" => shift!(|x, n| x >> n),
        "Add" => two!(u64::wrapping_add),
        "Sub" => two!(u64::wrapping_sub),
        "Mul" => two!(u64::wrapping_mul),
        "MinU" => two!(u64::min),
        "MaxU" => two!(u64::max),
        "MinS" => two_signed!(|x: i64, y| x.min(y) as u64),
        "MaxS" => two_signed!(|x: i64, y| x.max(y) as u64),
        "AddSatS" => two_signed!(|x, y| clamp_s::<W>(x + y)),
        "SubSatS" => two_signed!(|x, y| clamp_s::<W>(x - y)),
        "AddSatU" => two!(|x, y| clamp_u::<W>(x as i64 + y as i64)),
        "SubSatU" => two!(|x, y| clamp_u::<W>(x as i64 - y as i64)),
        "AvgrU" => two!(|x: u64, y: u64| (x + y).div_ceil(2)),
        "Q15MulrSatS" | "RelaxedQ15mulrS" => two_signed!(|x, y| clamp_s::<W>((x * y + 0x4000) >> 15)),
        "NarrowI16x8S" | "NarrowI32x4S" => Two(|a, b| narrow::<TWICE, W>(a, b, clamp_s::<W>)),
        "NarrowI16x8U" | "NarrowI32x4U" => Two(|a, b| narrow::<TWICE, W>(a, b, clamp_u::<W>)),
        "DotI16x8S" => two!(|x, y| {
            let product = |shift| signed::<16>(x >> shift) * signed::<16>(y >> shift);
            (product(0) + product(16)) as u64
        }),
        "TruncSatF32x4S" | "RelaxedTruncF32x4S" => one!(|x| saturated::<32, true>(of_bits::<32>(x))),
        "TruncSatF32x4U" | "RelaxedTruncF32x4U" => one!(|x| saturated::<32, false>(of_bits::<32>(x))),
        "TruncSatF64x2SZero" | "RelaxedTruncF64x2SZero" => {
            One(|a| halve(a, |x| saturated::<32, true>(of_bits::<64>(x))))
        }
        "TruncSatF64x2UZero" | "RelaxedTruncF64x2UZero" => {
            One(|a| halve(a, |x| saturated::<32, false>(of_bits::<64>(x))))
        }
        _ => {
            // Such as `ExtMulLowI8x16S`.
            let (op, narrow) = op.split_once('I')?;
            return if narrow.ends_with('S') {
                find_widening::<HALF, W, true>(op)
            } else {
                find_widening::<HALF, W, false>(op)
            };
        }
    })
}

/// What makes lanes of `W` bits from lanes of half the width, signed or not.
fn find_widening<const HALF: u32, const W: u32, const SIGNED: bool>(op: &str) -> Option<Arithmetic> {
    macro_rules! extend {
        ($first:expr) => {
            One(|a| widen::<HALF, W, 1>($first, [a], |[x]| number::<HALF, SIGNED>(x)))
        };
    }
    macro_rules! multiply {
        ($first:expr) => {
            Two(|a, b| {
                widen::<HALF, W, 2>($first, [a, b], |[x, y]| {
                    number::<HALF, SIGNED>(x).wrapping_mul(number::<HALF, SIGNED>(y))
                })
            })
        };
    }
    Some(match op {
        "ExtendLow" => extend!(0),
        "ExtendHigh" => extend!(128 / W),
        "ExtMulLow" => multiply!(0),
        "ExtMulHigh" => multiply!(128 / W),
        "ExtAddPairwise" => One(|a| {
            map::<W, 1>(128 / W, [a], |[x]| number::<HALF, SIGNED>(x).wrapping_add(number::<HALF, SIGNED>(x >> HALF)))
        }),
        _ => return None,
    })
}

/// Executes an instruction that names a lane, and says whether it was one.
pub(crate) fn execute_on_lane(operator: &Operator<'_>, stack: &mut Vec<Value>) -> bool {
    use Operator as O;
    let mut pop = || stack.pop().expect("validated: an operand is there");
    let result = match operator {
        O::I8x16Shuffle { lanes } => {
            let b = pop();
            shuffle(pop(), b, lanes)
        }
        O::I8x16ExtractLaneS { lane } => extend_s::<8, 32>(lane_of(pop(), *lane, 8)),
        O::I16x8ExtractLaneS { lane } => extend_s::<16, 32>(lane_of(pop(), *lane, 16)),
        O::I8x16ExtractLaneU { lane } => lane_of(pop(), *lane, 8),
        O::I16x8ExtractLaneU { lane } => lane_of(pop(), *lane, 16),
        O::I32x4ExtractLane { lane } | O::F32x4ExtractLane { lane } => lane_of(pop(), *lane, 32),
        O::I64x2ExtractLane { lane } | O::F64x2ExtractLane { lane } => lane_of(pop(), *lane, 64),
        O::I8x16ReplaceLane { lane } => with_lane(pop(), pop(), *lane, 8),
        O::I16x8ReplaceLane { lane } => with_lane(pop(), pop(), *lane, 16),
        O::I32x4ReplaceLane { lane } | O::F32x4ReplaceLane { lane } => with_lane(pop(), pop(), *lane, 32),
        O::I64x2ReplaceLane { lane } | O::F64x2ReplaceLane { lane } => with_lane(pop(), pop(), *lane, 64),
        _ => return false,
    };
    stack.push(result);
    true
}

/// The low `W` bits, extended by their sign or by zeros.
pub(crate) fn number<const W: u32, const SIGNED: bool>(x: u64) -> u64 {
    if SIGNED { signed::<W>(x) as u64 } else { x & mask::<W>() }
}

fn truth(yes: bool) -> u64 {
    if yes { u64::MAX } else { 0 }
}

fn not(a: Value) -> Value {
    Value { bits: !a.bits, ..a }
}

fn clamp_s<const W: u32>(x: i64) -> u64 {
    let top = 1i64 << (W - 1);
    x.clamp(-top, top - 1) as u64
}

fn clamp_u<const W: u32>(x: i64) -> u64 {
    x.clamp(0, (1i64 << W) - 1) as u64
}

/// A lane as a scalar, with its secret bits.
fn lane_of(a: Value, lane: u8, width: u32) -> Value {
    let shift = u32::from(lane) * width;
    let mask = u64::MAX >> (64 - width);
    Value::new((a.bits >> shift) as u64 & mask, (a.secret >> shift) as u64 & mask)
}

/// A vector with one lane replaced by the low bits of a scalar.
pub(crate) fn with_lane(scalar: Value, a: Value, lane: u8, width: u32) -> Value {
    let shift = u32::from(lane) * width;
    let mask = u128::from(u64::MAX >> (64 - width));
    Value {
        bits: (a.bits & !(mask << shift)) | ((scalar.bits & mask) << shift),
        secret: (a.secret & !(mask << shift)) | ((scalar.secret & mask) << shift),
    }
}

pub(crate) fn splat<const W: u32>(a: Value) -> Value {
    let every = u128::MAX / u128::from(mask::<W>());
    let low = u128::from(mask::<W>());
    Value { bits: (a.bits & low) * every, secret: (a.secret & low) * every }
}

/// Sets lane `lane` of `to`, which was zero.
fn put<const W: u32>(to: &mut Value, lane: u32, bits: u64, secret: bool) {
    to.bits |= u128::from(bits & mask::<W>()) << (lane * W);
    if secret {
        to.secret |= u128::from(mask::<W>()) << (lane * W);
    }
}

/// Lane by lane, for the lowest of them.
pub(crate) fn map<const W: u32, const N: usize>(lanes: u32, vectors: [Value; N], f: impl Fn([u64; N]) -> u64) -> Value {
    resize::<W, W, N>(lanes, 0, vectors, f)
}

/// Lanes from `first` on, each made a lane of twice the width.
pub(crate) fn widen<const FROM: u32, const TO: u32, const N: usize>(
    first: u32,
    vectors: [Value; N],
    f: impl Fn([u64; N]) -> u64,
) -> Value {
    resize::<FROM, TO, N>(128 / TO, first, vectors, f)
}

/// Two lanes of 64 bits, made two of 32; the others are zero.
pub(crate) fn halve(a: Value, f: impl Fn(u64) -> u64) -> Value {
    resize::<64, 32, 1>(2, 0, [a], |[x]| f(x))
}

/// Makes `lanes` lanes of `TO` bits from as many of `FROM` bits, from lane `first` on.
fn resize<const FROM: u32, const TO: u32, const N: usize>(
    lanes: u32,
    first: u32,
    vectors: [Value; N],
    f: impl Fn([u64; N]) -> u64,
) -> Value {
    let mut result = Value::default();
    for lane in 0..lanes {
        let operands = vectors.map(|vector| lane_of(vector, (first + lane) as u8, FROM));
        let secret = operands.iter().any(|operand| operand.is_secret());
        put::<TO>(&mut result, lane, f(operands.map(Value::u64)), secret);
    }
    result
}

fn lane_shift<const W: u32>(a: Value, amount: Value, f: impl Fn(u64, u32) -> u64) -> Value {
    let n = amount.u32() & (W - 1);
    let open = amount.secret as u32 & (W - 1) != 0;
    let mut result = Value::default();
    for lane in 0..128 / W {
        let x = lane_of(a, lane as u8, W);
        put::<W>(&mut result, lane, f(x.u64(), n), open);
        if !open {
            result.secret |= u128::from(f(x.secret as u64, n) & mask::<W>()) << (lane * W);
        }
    }
    result
}

fn bitmask<const W: u32>(a: Value) -> Value {
    let mut result = Value::default();
    for lane in 0..128 / W {
        let top = lane * W + W - 1;
        result.bits |= (a.bits >> top & 1) << lane;
        result.secret |= (a.secret >> top & 1) << lane;
    }
    result
}

fn bitselect(a: Value, b: Value, c: Value) -> Value {
    let bits = (a.bits & c.bits) | (b.bits & !c.bits);
    let chosen = (a.secret & c.bits) | (b.secret & !c.bits);
    // Where the choice is secret, a bit is public only where both sides have the same public bit.
    let either = a.secret | b.secret | (a.bits ^ b.bits);
    Value { bits, secret: (chosen & !c.secret) | (either & c.secret) }
}

/// A look-up in a register: no address, and on every engine's hardware one instruction.
fn swizzle(a: Value, indices: Value) -> Value {
    let mut result = Value::default();
    for lane in 0..16 {
        let index = lane_of(indices, lane, 8);
        if index.is_secret() {
            let byte = if index.u64() < 16 { lane_of(a, index.u64() as u8, 8).u64() } else { 0 };
            put::<8>(&mut result, lane.into(), byte, true);
        } else if index.u64() < 16 {
            result = with_lane(lane_of(a, index.u64() as u8, 8), result, lane, 8);
        }
    }
    result
}

fn shuffle(a: Value, b: Value, lanes: &[u8; 16]) -> Value {
    let mut result = Value::default();
    for (to, from) in lanes.iter().enumerate() {
        let byte = if *from < 16 { lane_of(a, *from, 8) } else { lane_of(b, from - 16, 8) };
        result = with_lane(byte, result, to as u8, 8);
    }
    result
}

fn narrow<const FROM: u32, const TO: u32>(a: Value, b: Value, f: impl Fn(i64) -> u64) -> Value {
    let mut result = Value::default();
    let half = 128 / FROM;
    for lane in 0..2 * half {
        let x = lane_of(if lane < half { a } else { b }, (lane % half) as u8, FROM);
        put::<TO>(&mut result, lane, f(signed::<FROM>(x.u64())), x.is_secret());
    }
    result
}
