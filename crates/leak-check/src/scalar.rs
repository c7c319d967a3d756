//! Arithmetic on i32 and i64.

use anyhow::{Context as _, Result, ensure};

use crate::float::{of_bits, saturated};
use crate::numeric::Arithmetic::{self, Convert, Divide, One, Two};
use crate::value::{Value, add, and, eq, eqz, extend_s, lt_s, lt_u, mul, not, or, rotl, shift, signed, sub, wrap, xor};

/// The instruction `op` on integers of `W` bits.
pub(crate) fn find<const W: u32>(op: &str) -> Option<Arithmetic> {
    // A result all of whose bits are secret if one of the operand's is.
    macro_rules! whole {
        ($f:expr) => {
            One(|a| Value::whole::<W>($f(a.u64()).into(), a.is_secret()))
        };
    }
    macro_rules! divide {
        ($f:expr) => {
            Divide(|a, b| divide::<W>(a, b, $f))
        };
    }
    macro_rules! trunc {
        ($from:literal, $signed:literal) => {
            Convert(truncated::<$from, W, $signed>)
        };
    }
    macro_rules! trunc_sat {
        ($from:literal, $signed:literal) => {
            whole!(|x| saturated::<W, $signed>(of_bits::<$from>(x)))
        };
    }
    Some(match op {
        "Eqz" => One(eqz::<W>),
        "Eq" => Two(eq),
        "Ne" => Two(|a, b| not(eq(a, b))),
        "LtU" => Two(lt_u),
        "GtU" => Two(|a, b| lt_u(b, a)),
        "LeU" => Two(|a, b| not(lt_u(b, a))),
        "GeU" => Two(|a, b| not(lt_u(a, b))),
        "LtS" => Two(lt_s::<W>),
        "GtS" => Two(|a, b| lt_s::<W>(b, a)),
        "LeS" => Two(|a, b| not(lt_s::<W>(b, a))),
        "GeS" => Two(|a, b| not(lt_s::<W>(a, b))),

        "Add" => Two(add::<W>),
        "Sub" => Two(sub::<W>),
        "Mul" => Two(mul::<W>),
        "And" => Two(and),
        "Or" => Two(or),
        "Xor" => Two(xor),
        "Shl" => Two(|a, b| shift::<W>(a, b, |x, n| x << n)),
        "ShrU" => Two(|a, b| shift::<W>(a, b, |x, n| x >> n)),
        "ShrS" => Two(|a, b| shift::<W>(a, b, |x, n| (signed::<W>(x) >> n) as u64)),
        "Rotl" => Two(|a, b| shift::<W>(a, b, rotl::<W>)),
        "Rotr" => Two(|a, b| shift::<W>(a, b, |x, n| rotl::<W>(x, (W - n) & (W - 1)))),
        "Clz" => whole!(|x: u64| x.leading_zeros() - (64 - W)),
        "Ctz" => whole!(|x: u64| x.trailing_zeros().min(W)),
        "Popcnt" => whole!(u64::count_ones),
        "DivS" => divide!(|a, b| {
            let quotient = signed::<W>(a).checked_div(signed::<W>(b))?;
            (signed::<W>(quotient as u64) == quotient).then_some(quotient as u64)
        }),
        "DivU" => divide!(|a, b| Some(a / b)),
        "RemS" => divide!(|a, b| Some(signed::<W>(a).wrapping_rem(signed::<W>(b)) as u64)),
        "RemU" => divide!(|a, b| Some(a % b)),

        "WrapI64" => One(wrap::<32>),
        "ExtendI32U" | "ReinterpretF32" | "ReinterpretF64" => One(|a| a),
        "ExtendI32S" | "Extend32S" => One(extend_s::<32, W>),
        "Extend8S" => One(extend_s::<8, W>),
        "Extend16S" => One(extend_s::<16, W>),
        "TruncF32S" => trunc!(32, true),
        "TruncF64S" => trunc!(64, true),
        "TruncF32U" => trunc!(32, false),
        "TruncF64U" => trunc!(64, false),
        "TruncSatF32S" => trunc_sat!(32, true),
        "TruncSatF64S" => trunc_sat!(64, true),
        "TruncSatF32U" => trunc_sat!(32, false),
        "TruncSatF64U" => trunc_sat!(64, false),
        _ => return None,
    })
}

/// A quotient or remainder, or why it traps.
fn divide<const W: u32>(a: Value, b: Value, f: impl Fn(u64, u64) -> Option<u64>) -> Result<Value> {
    ensure!(b.u64() != 0, "trap: integer divide by zero");
    let bits = f(a.u64(), b.u64()).context("trap: integer overflow")?;
    Ok(Value::whole::<W>(bits, a.is_secret() || b.is_secret()))
}

/// A float as an integer that it must fit.
fn truncated<const FROM: u32, const W: u32, const SIGNED: bool>(a: Value) -> Result<Value> {
    let x = of_bits::<FROM>(a.u64());
    ensure!(!x.is_nan(), "trap: invalid conversion to integer");
    let (low, high) =
        if SIGNED { (-2f64.powi(W as i32 - 1), 2f64.powi(W as i32 - 1)) } else { (0.0, 2f64.powi(W as i32)) };
    ensure!(x.trunc() >= low && x.trunc() < high, "trap: integer overflow");
    Ok(Value::whole::<W>(saturated::<W, SIGNED>(x), a.is_secret()))
}
