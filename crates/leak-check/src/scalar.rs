//! Arithmetic on i32, i64, f32 and f64.

use anyhow::{Result, bail, ensure};
use wasmparser::Operator;

use crate::finding::Kind;
use crate::value::{
    Value, add, and, eq, eqz, extend_s, lt_s, lt_u, mul, not, or, rotl, shift, signed, sub, wrap, xor,
};

/// What an instruction's time depends on, beyond those with an address or a condition.
pub(crate) fn hazard(operator: &Operator<'_>) -> Option<Kind> {
    use Operator as O;
    match operator {
        O::I32DivS
        | O::I32DivU
        | O::I32RemS
        | O::I32RemU
        | O::I64DivS
        | O::I64DivU
        | O::I64RemS
        | O::I64RemU => Some(Kind::Division),
        O::F32Div | O::F64Div | O::F32Sqrt | O::F64Sqrt => Some(Kind::Division),
        O::F32x4Div | O::F64x2Div | O::F32x4Sqrt | O::F64x2Sqrt => Some(Kind::Division),
        O::I32TruncF32S | O::I32TruncF32U | O::I32TruncF64S | O::I32TruncF64U => {
            Some(Kind::TrappingConversion)
        }
        O::I64TruncF32S | O::I64TruncF32U | O::I64TruncF64S | O::I64TruncF64U => {
            Some(Kind::TrappingConversion)
        }
        _ => None,
    }
}

pub(crate) fn is_unary(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(operator, O::F32Sqrt | O::F64Sqrt | O::F32x4Sqrt | O::F64x2Sqrt)
}

/// Executes an instruction on numbers, and says whether it was one.
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Vec<Value>) -> Result<bool> {
    use Operator as O;
    macro_rules! un {
        ($f:expr) => {{
            let a = stack.pop().expect("validated");
            stack.push($f(a));
        }};
    }
    macro_rules! bin {
        ($f:expr) => {{
            let b = stack.pop().expect("validated");
            let a = stack.pop().expect("validated");
            stack.push($f(a, b));
        }};
    }
    // A result all of whose bits are secret where one of an operand's is.
    macro_rules! un_whole {
        ($w:literal, $f:expr) => {
            un!(|a: Value| Value::whole::<$w>($f(a.u64()) as u64, a.is_secret()))
        };
    }
    macro_rules! f32_un {
        ($f:expr) => {
            un_whole!(32, |x| u64::from($f(f32::from_bits(x as u32)).to_bits()))
        };
    }
    macro_rules! f64_un {
        ($f:expr) => {
            un_whole!(64, |x| $f(f64::from_bits(x)).to_bits())
        };
    }
    macro_rules! f32_bin {
        ($f:expr) => {
            bin!(|a: Value, b: Value| Value::whole::<32>(
                $f(f32::from_bits(a.u32()), f32::from_bits(b.u32()))
                    .to_bits()
                    .into(),
                a.is_secret() || b.is_secret()
            ))
        };
    }
    macro_rules! f64_bin {
        ($f:expr) => {
            bin!(|a: Value, b: Value| Value::whole::<64>(
                $f(f64::from_bits(a.u64()), f64::from_bits(b.u64())).to_bits(),
                a.is_secret() || b.is_secret()
            ))
        };
    }
    macro_rules! f32_cmp {
        ($op:tt) => {
            bin!(|a: Value, b: Value| Value::bit(f32::from_bits(a.u32()) $op f32::from_bits(b.u32()), a.is_secret() || b.is_secret()))
        };
    }
    macro_rules! f64_cmp {
        ($op:tt) => {
            bin!(|a: Value, b: Value| Value::bit(f64::from_bits(a.u64()) $op f64::from_bits(b.u64()), a.is_secret() || b.is_secret()))
        };
    }
    // Division and remainder, which trap.
    macro_rules! divide {
        ($w:literal, $f:expr) => {{
            let b = stack.pop().expect("validated");
            let a = stack.pop().expect("validated");
            ensure!(b.u64() != 0, "trap: integer divide by zero");
            let Some(bits) = $f(a.u64(), b.u64()) else {
                bail!("trap: integer overflow");
            };
            stack.push(Value::whole::<$w>(bits as u64, a.is_secret() || b.is_secret()));
        }};
    }
    // A float to an integer that must be above `low` and below `high`.
    macro_rules! trunc {
        ($w:literal, $from:expr, $to:ty, $low:expr, $high:expr) => {{
            let a = stack.pop().expect("validated");
            let x: f64 = $from(a);
            ensure!(!x.is_nan(), "trap: invalid conversion to integer");
            ensure!(x.trunc() >= $low && x.trunc() < $high, "trap: integer overflow");
            stack.push(Value::whole::<$w>(x as $to as u64, a.is_secret()));
        }};
    }
    let from32 = |a: Value| f64::from(f32::from_bits(a.u32()));
    let from64 = |a: Value| f64::from_bits(a.u64());
    match operator {
        O::I32Eqz => un!(eqz::<32>),
        O::I64Eqz => un!(eqz::<64>),
        O::I32Eq | O::I64Eq => bin!(eq),
        O::I32Ne | O::I64Ne => bin!(|a, b| not(eq(a, b))),
        O::I32LtU | O::I64LtU => bin!(lt_u),
        O::I32GtU | O::I64GtU => bin!(|a, b| lt_u(b, a)),
        O::I32LeU | O::I64LeU => bin!(|a, b| not(lt_u(b, a))),
        O::I32GeU | O::I64GeU => bin!(|a, b| not(lt_u(a, b))),
        O::I32LtS => bin!(lt_s::<32>),
        O::I32GtS => bin!(|a, b| lt_s::<32>(b, a)),
        O::I32LeS => bin!(|a, b| not(lt_s::<32>(b, a))),
        O::I32GeS => bin!(|a, b| not(lt_s::<32>(a, b))),
        O::I64LtS => bin!(lt_s::<64>),
        O::I64GtS => bin!(|a, b| lt_s::<64>(b, a)),
        O::I64LeS => bin!(|a, b| not(lt_s::<64>(b, a))),
        O::I64GeS => bin!(|a, b| not(lt_s::<64>(a, b))),

        O::I32Add => bin!(add::<32>),
        O::I64Add => bin!(add::<64>),
        O::I32Sub => bin!(sub::<32>),
        O::I64Sub => bin!(sub::<64>),
        O::I32Mul => bin!(mul::<32>),
        O::I64Mul => bin!(mul::<64>),
        O::I32And | O::I64And => bin!(and),
        O::I32Or | O::I64Or => bin!(or),
        O::I32Xor | O::I64Xor => bin!(xor),
        O::I32Shl => bin!(|a, b| shift::<32>(a, b, |x, n| x << n)),
        O::I64Shl => bin!(|a, b| shift::<64>(a, b, |x, n| x << n)),
        O::I32ShrU => bin!(|a, b| shift::<32>(a, b, |x, n| x >> n)),
        O::I64ShrU => bin!(|a, b| shift::<64>(a, b, |x, n| x >> n)),
        O::I32ShrS => bin!(|a, b| shift::<32>(a, b, |x, n| (signed::<32>(x) >> n) as u64)),
        O::I64ShrS => bin!(|a, b| shift::<64>(a, b, |x, n| (signed::<64>(x) >> n) as u64)),
        O::I32Rotl => bin!(|a, b| shift::<32>(a, b, rotl::<32>)),
        O::I64Rotl => bin!(|a, b| shift::<64>(a, b, rotl::<64>)),
        O::I32Rotr => bin!(|a, b| shift::<32>(a, b, |x, n| rotl::<32>(x, (32 - n) & 31))),
        O::I64Rotr => bin!(|a, b| shift::<64>(a, b, |x, n| rotl::<64>(x, (64 - n) & 63))),
        O::I32Clz => un_whole!(32, |x| (x as u32).leading_zeros()),
        O::I32Ctz => un_whole!(32, |x| (x as u32).trailing_zeros()),
        O::I32Popcnt => un_whole!(32, |x: u64| x.count_ones()),
        O::I64Clz => un_whole!(64, |x: u64| x.leading_zeros()),
        O::I64Ctz => un_whole!(64, |x: u64| x.trailing_zeros()),
        O::I64Popcnt => un_whole!(64, |x: u64| x.count_ones()),
        O::I32DivS => divide!(32, |a, b| (a as u32 as i32).checked_div(b as u32 as i32)),
        O::I32DivU => divide!(32, |a: u64, b: u64| Some(a / b)),
        O::I64DivU => divide!(64, |a: u64, b: u64| Some(a / b)),
        O::I32RemS => divide!(32, |a, b| Some((a as u32 as i32).wrapping_rem(b as u32 as i32))),
        O::I32RemU => divide!(32, |a: u64, b: u64| Some(a % b)),
        O::I64RemU => divide!(64, |a: u64, b: u64| Some(a % b)),
        O::I64DivS => divide!(64, |a, b| (a as i64).checked_div(b as i64)),
        O::I64RemS => divide!(64, |a, b| Some((a as i64).wrapping_rem(b as i64))),

        O::I32WrapI64 => un!(wrap::<32>),
        O::I64ExtendI32U => {}
        O::I64ExtendI32S | O::I64Extend32S => un!(extend_s::<32, 64>),
        O::I32Extend8S => un!(extend_s::<8, 32>),
        O::I32Extend16S => un!(extend_s::<16, 32>),
        O::I64Extend8S => un!(extend_s::<8, 64>),
        O::I64Extend16S => un!(extend_s::<16, 64>),
        O::I32ReinterpretF32 | O::I64ReinterpretF64 | O::F32ReinterpretI32 | O::F64ReinterpretI64 => {}

        O::I32TruncF32S => trunc!(32, from32, i32, -2_147_483_648.0, 2_147_483_648.0),
        O::I32TruncF64S => trunc!(32, from64, i32, -2_147_483_648.0, 2_147_483_648.0),
        O::I32TruncF32U => trunc!(32, from32, u32, 0.0, 4_294_967_296.0),
        O::I32TruncF64U => trunc!(32, from64, u32, 0.0, 4_294_967_296.0),
        O::I64TruncF32S => trunc!(
            64,
            from32,
            i64,
            -9_223_372_036_854_775_808.0,
            9_223_372_036_854_775_808.0
        ),
        O::I64TruncF64S => trunc!(
            64,
            from64,
            i64,
            -9_223_372_036_854_775_808.0,
            9_223_372_036_854_775_808.0
        ),
        O::I64TruncF32U => trunc!(64, from32, u64, 0.0, 18_446_744_073_709_551_616.0),
        O::I64TruncF64U => trunc!(64, from64, u64, 0.0, 18_446_744_073_709_551_616.0),
        O::I32TruncSatF32S => un_whole!(32, |x| f32::from_bits(x as u32) as i32),
        O::I32TruncSatF32U => un_whole!(32, |x| f32::from_bits(x as u32) as u32),
        O::I32TruncSatF64S => un_whole!(32, |x| f64::from_bits(x) as i32),
        O::I32TruncSatF64U => un_whole!(32, |x| f64::from_bits(x) as u32),
        O::I64TruncSatF32S => un_whole!(64, |x| f32::from_bits(x as u32) as i64),
        O::I64TruncSatF32U => un_whole!(64, |x| f32::from_bits(x as u32) as u64),
        O::I64TruncSatF64S => un_whole!(64, |x| f64::from_bits(x) as i64),
        O::I64TruncSatF64U => un_whole!(64, |x| f64::from_bits(x) as u64),
        O::F32ConvertI32S => un_whole!(32, |x| (x as u32 as i32 as f32).to_bits()),
        O::F32ConvertI32U => un_whole!(32, |x| (x as u32 as f32).to_bits()),
        O::F32ConvertI64S => un_whole!(32, |x| (x as i64 as f32).to_bits()),
        O::F32ConvertI64U => un_whole!(32, |x| (x as f32).to_bits()),
        O::F64ConvertI32S => un_whole!(64, |x| (x as u32 as i32 as f64).to_bits()),
        O::F64ConvertI32U => un_whole!(64, |x| (x as u32 as f64).to_bits()),
        O::F64ConvertI64S => un_whole!(64, |x| (x as i64 as f64).to_bits()),
        O::F64ConvertI64U => un_whole!(64, |x| (x as f64).to_bits()),
        O::F32DemoteF64 => un_whole!(32, |x| (f64::from_bits(x) as f32).to_bits()),
        O::F64PromoteF32 => un_whole!(64, |x| f64::from(f32::from_bits(x as u32)).to_bits()),

        O::F32Abs => un_whole!(32, |x| x & 0x7fff_ffff),
        O::F64Abs => un_whole!(64, |x| x & (u64::MAX >> 1)),
        O::F32Neg => un_whole!(32, |x| x ^ 0x8000_0000),
        O::F64Neg => un_whole!(64, |x| x ^ (1 << 63)),
        O::F32Ceil => f32_un!(f32::ceil),
        O::F64Ceil => f64_un!(f64::ceil),
        O::F32Floor => f32_un!(f32::floor),
        O::F64Floor => f64_un!(f64::floor),
        O::F32Trunc => f32_un!(f32::trunc),
        O::F64Trunc => f64_un!(f64::trunc),
        O::F32Nearest => f32_un!(f32::round_ties_even),
        O::F64Nearest => f64_un!(f64::round_ties_even),
        O::F32Sqrt => f32_un!(f32::sqrt),
        O::F64Sqrt => f64_un!(f64::sqrt),
        O::F32Add => f32_bin!(|a: f32, b: f32| a + b),
        O::F64Add => f64_bin!(|a: f64, b: f64| a + b),
        O::F32Sub => f32_bin!(|a: f32, b: f32| a - b),
        O::F64Sub => f64_bin!(|a: f64, b: f64| a - b),
        O::F32Mul => f32_bin!(|a: f32, b: f32| a * b),
        O::F64Mul => f64_bin!(|a: f64, b: f64| a * b),
        O::F32Div => f32_bin!(|a: f32, b: f32| a / b),
        O::F64Div => f64_bin!(|a: f64, b: f64| a / b),
        O::F32Min => f32_bin!(|a: f32, b: f32| min(a.into(), b.into()) as f32),
        O::F64Min => f64_bin!(min),
        O::F32Max => f32_bin!(|a: f32, b: f32| max(a.into(), b.into()) as f32),
        O::F64Max => f64_bin!(max),
        O::F32Copysign => f32_bin!(f32::copysign),
        O::F64Copysign => f64_bin!(f64::copysign),
        O::F32Eq => f32_cmp!(==),
        O::F32Ne => f32_cmp!(!=),
        O::F32Lt => f32_cmp!(<),
        O::F32Gt => f32_cmp!(>),
        O::F32Le => f32_cmp!(<=),
        O::F32Ge => f32_cmp!(>=),
        O::F64Eq => f64_cmp!(==),
        O::F64Ne => f64_cmp!(!=),
        O::F64Lt => f64_cmp!(<),
        O::F64Gt => f64_cmp!(>),
        O::F64Le => f64_cmp!(<=),
        O::F64Ge => f64_cmp!(>=),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Wasm's minimum: NaN where one is, and -0 below 0.
pub(crate) fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        f64::from_bits(a.to_bits() | b.to_bits())
    } else if a < b {
        a
    } else {
        b
    }
}

/// Wasm's maximum.
pub(crate) fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if a == b {
        f64::from_bits(a.to_bits() & b.to_bits())
    } else if a > b {
        a
    } else {
        b
    }
}
