//! Arithmetic on f32 and f64, and on vectors of them.
//!
//! An f32 is computed as an f64 and rounded. For a sum, difference, product, quotient or square root this gives what
//! rounding once gives, because an f64 has more than twice the digits. A fused multiply-add is computed as an f32.

use crate::numeric::Arithmetic::{self, One, Three, Two};
use crate::simd::{halve, map, splat, widen};
use crate::value::{Value, mask, signed};

/// The instruction `op` on `LANES` lanes of `W` bits; one lane is a scalar.
///
/// Of the relaxed instructions, `RelaxedMadd` is fused, as the modules need it, and the others are their strict namesakes.
pub(crate) fn find<const W: u32, const LANES: u32>(op: &str) -> Option<Arithmetic> {
    macro_rules! bits {
        ($f:expr) => {
            One(|a| map::<W, 1>(LANES, [a], |[x]| $f(x)))
        };
    }
    macro_rules! one {
        ($f:expr) => {
            bits!(|x| to_bits::<W>($f(of_bits::<W>(x))))
        };
    }
    macro_rules! two {
        ($f:expr) => {
            Two(|a, b| map::<W, 2>(LANES, [a, b], |[x, y]| to_bits::<W>($f(of_bits::<W>(x), of_bits::<W>(y)))))
        };
    }
    macro_rules! pick {
        ($second:expr) => {
            Two(|a, b| {
                let second: fn(f64, f64) -> bool = $second;
                map::<W, 2>(LANES, [a, b], |[x, y]| if second(of_bits::<W>(x), of_bits::<W>(y)) { y } else { x })
            })
        };
    }
    // Of one operand, which may be wider than the result.
    macro_rules! whole {
        ($f:expr) => {
            One(|a| Value::whole::<W>($f(a.u64()), a.is_secret()))
        };
    }
    macro_rules! compare {
        ($op:tt) => {
            Two(|a, b| {
                let answer = map::<W, 2>(LANES, [a, b], |[x, y]| {
                    if of_bits::<W>(x) $op of_bits::<W>(y) { u64::MAX } else { 0 }
                });
                if LANES == 1 { Value::bit(answer.bits != 0, answer.is_secret()) } else { answer }
            })
        };
    }
    Some(match op {
        "Splat" => One(splat::<W>),
        "Eq" => compare!(==),
        "Ne" => compare!(!=),
        "Lt" => compare!(<),
        "Gt" => compare!(>),
        "Le" => compare!(<=),
        "Ge" => compare!(>=),
        "Ceil" => one!(f64::ceil),
        "Floor" => one!(f64::floor),
        "Trunc" => one!(f64::trunc),
        "Nearest" => one!(f64::round_ties_even),
        "Sqrt" => one!(f64::sqrt),
        "Abs" => bits!(|x| x & (mask::<W>() >> 1)),
        "Neg" => bits!(negated::<W>),
        "Add" => two!(|x, y| x + y),
        "Sub" => two!(|x, y| x - y),
        "Mul" => two!(|x, y| x * y),
        "Div" => two!(|x, y| x / y),
        "Copysign" => two!(f64::copysign),
        "Min" | "RelaxedMin" => two!(min),
        "Max" | "RelaxedMax" => two!(max),
        "PMin" => pick!(|x, y| y < x),
        "PMax" => pick!(|x, y| x < y),
        "RelaxedMadd" => Three(|a, b, c| map::<W, 3>(LANES, [a, b, c], |[x, y, z]| fused::<W>(x, y, z))),
        "RelaxedNmadd" => Three(|a, b, c| map::<W, 3>(LANES, [a, b, c], |[x, y, z]| fused::<W>(negated::<W>(x), y, z))),
        "ConvertI32S" => whole!(|x| of_integer::<W>(signed::<32>(x).into())),
        "ConvertI64S" => whole!(|x| of_integer::<W>(signed::<64>(x).into())),
        "ConvertI32U" | "ConvertI64U" => whole!(|x: u64| of_integer::<W>(x.into())),
        "DemoteF64" => whole!(|x| to_bits::<32>(of_bits::<64>(x))),
        "PromoteF32" => whole!(of_f32),
        "ReinterpretI32" | "ReinterpretI64" => One(|a| a),
        "ConvertI32x4S" => bits!(|x| of_integer::<32>(signed::<32>(x).into())),
        "ConvertI32x4U" => bits!(|x: u64| of_integer::<32>(x.into())),
        "ConvertLowI32x4S" => One(|a| widen::<32, 64, 1>(0, [a], |[x]| of_integer::<64>(signed::<32>(x).into()))),
        "ConvertLowI32x4U" => One(|a| widen::<32, 64, 1>(0, [a], |[x]| of_integer::<64>(x.into()))),
        "PromoteLowF32x4" => One(|a| widen::<32, 64, 1>(0, [a], |[x]| of_f32(x))),
        "DemoteF64x2Zero" => One(|a| halve(a, |x| to_bits::<32>(of_bits::<64>(x)))),
        _ => return None,
    })
}

/// The number that `W` bits are.
pub(crate) fn of_bits<const W: u32>(bits: u64) -> f64 {
    if W == 32 { f32::from_bits(bits as u32).into() } else { f64::from_bits(bits) }
}

fn to_bits<const W: u32>(x: f64) -> u64 {
    if W == 32 { (x as f32).to_bits().into() } else { x.to_bits() }
}

fn of_f32(bits: u64) -> u64 {
    to_bits::<64>(of_bits::<32>(bits))
}

fn of_integer<const W: u32>(x: i128) -> u64 {
    if W == 32 { (x as f32).to_bits().into() } else { (x as f64).to_bits() }
}

fn negated<const W: u32>(bits: u64) -> u64 {
    bits ^ (1 << (W - 1))
}

/// `x * y + z`, rounded once.
fn fused<const W: u32>(x: u64, y: u64, z: u64) -> u64 {
    if W == 32 {
        let [x, y, z] = [x, y, z].map(|bits| f32::from_bits(bits as u32));
        x.mul_add(y, z).to_bits().into()
    } else {
        let [x, y, z] = [x, y, z].map(f64::from_bits);
        x.mul_add(y, z).to_bits()
    }
}

/// A float as an integer of `W` bits: 0 for NaN, the nearest there is for what does not fit.
pub(crate) fn saturated<const W: u32, const SIGNED: bool>(x: f64) -> u64 {
    if SIGNED {
        (x as i64).clamp(i64::MIN >> (64 - W), i64::MAX >> (64 - W)) as u64
    } else {
        (x as u64).min(mask::<W>())
    }
}

/// Wasm's minimum: NaN if one is, and -0 below 0.
fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        f64::from_bits(a.to_bits() | b.to_bits())
    } else {
        a.min(b)
    }
}

/// Wasm's maximum.
fn max(a: f64, b: f64) -> f64 {
    -min(-a, -b)
}
