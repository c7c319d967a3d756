//! Arithmetic on v128. What is not bitwise, a shift or a move of lanes makes a whole lane secret where a lane that it is
//! made from has a secret bit.

use wasmparser::Operator;

use crate::scalar::{max, min};
use crate::value::{Value, and, extend_s, mask, or, signed, xor};

/// Executes a vector instruction that touches no memory, and says whether it was one.
///
/// Of the relaxed instructions, `relaxed_madd` is fused, as the modules need it, and the others are their strict namesakes.
#[allow(clippy::too_many_lines)] // one line an instruction
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Vec<Value>) -> bool {
    use Operator as O;
    let mut pop = || stack.pop().expect("validated: an operand is there");
    macro_rules! un {
        ($f:expr) => {{
            let a = pop();
            stack.push($f(a));
        }};
    }
    macro_rules! bin {
        ($f:expr) => {{
            let b = pop();
            let a = pop();
            stack.push($f(a, b));
        }};
    }
    macro_rules! map1 {
        ($w:literal, $f:expr) => {
            un!(|a| map1::<$w>(a, $f))
        };
    }
    macro_rules! map2 {
        ($w:literal, $f:expr) => {
            bin!(|a, b| map2::<$w>(a, b, $f))
        };
    }
    macro_rules! map3 {
        ($w:literal, $f:expr) => {{
            let c = pop();
            bin!(|a, b| map3::<$w>(a, b, c, $f))
        }};
    }
    macro_rules! lane_shift {
        ($w:literal, $f:expr) => {
            bin!(|a, b| lane_shift::<$w>(a, b, $f))
        };
    }
    match operator {
        O::V128Not => un!(|a: Value| Value {
            bits: !a.bits,
            secret: a.secret
        }),
        O::V128And => bin!(and),
        O::V128Or => bin!(or),
        O::V128Xor => bin!(xor),
        O::V128AndNot => bin!(|a, b: Value| and(
            a,
            Value {
                bits: !b.bits,
                secret: b.secret
            }
        )),
        O::V128Bitselect
        | O::I8x16RelaxedLaneselect
        | O::I16x8RelaxedLaneselect
        | O::I32x4RelaxedLaneselect
        | O::I64x2RelaxedLaneselect => {
            let c = pop();
            bin!(|a, b| bitselect(a, b, c));
        }
        O::V128AnyTrue => un!(|a: Value| Value::bit(a.bits != 0, a.is_secret() && a.bits & !a.secret == 0)),
        O::I8x16Swizzle | O::I8x16RelaxedSwizzle => bin!(swizzle),
        O::I8x16Shuffle { lanes } => bin!(|a, b| shuffle(a, b, lanes)),
        O::I32x4DotI16x8S => bin!(|a, b| {
            let products = |half| {
                ext_mul::<16, 32>(a, b, half, |x, y| {
                    signed::<16>(x).wrapping_mul(signed::<16>(y)) as u64
                })
            };
            dot(products(0), products(4))
        }),
        O::I8x16Splat => un!(splat::<8>),
        O::I8x16ExtractLaneS { lane } => un!(|a| extend_s::<8, 32>(lane_of(a, *lane, 8))),
        O::I8x16ExtractLaneU { lane } => un!(|a| lane_of(a, *lane, 8)),
        O::I8x16ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 8)),
        O::I8x16Eq => map2!(8, |x, y| truth(x == y)),
        O::I8x16Ne => map2!(8, |x, y| truth(x != y)),
        O::I8x16LtS => map2!(8, |x, y| truth(signed::<8>(x) < signed::<8>(y))),
        O::I8x16LtU => map2!(8, |x, y| truth(x < y)),
        O::I8x16GtS => map2!(8, |x, y| truth(signed::<8>(x) > signed::<8>(y))),
        O::I8x16GtU => map2!(8, |x, y| truth(x > y)),
        O::I8x16LeS => map2!(8, |x, y| truth(signed::<8>(x) <= signed::<8>(y))),
        O::I8x16LeU => map2!(8, |x, y| truth(x <= y)),
        O::I8x16GeS => map2!(8, |x, y| truth(signed::<8>(x) >= signed::<8>(y))),
        O::I8x16GeU => map2!(8, |x, y| truth(x >= y)),
        O::I8x16Abs => map1!(8, |x| signed::<8>(x).unsigned_abs()),
        O::I8x16Neg => map1!(8, |x: u64| x.wrapping_neg()),
        O::I8x16AllTrue => {
            un!(|a: Value| Value::bit((0..128 / 8).all(|i| lane_of(a, i, 8).u64() != 0), a.is_secret()))
        }
        O::I8x16Bitmask => un!(bitmask::<8>),
        O::I8x16Shl => lane_shift!(8, |x, n| x << n),
        O::I8x16ShrS => lane_shift!(8, |x, n| (signed::<8>(x) >> n) as u64),
        O::I8x16ShrU => lane_shift!(8, |x, n| x >> n),
        O::I8x16Add => map2!(8, u64::wrapping_add),
        O::I8x16Sub => map2!(8, u64::wrapping_sub),
        O::I8x16MinS => map2!(8, |x, y| signed::<8>(x).min(signed::<8>(y)) as u64),
        O::I8x16MinU => map2!(8, u64::min),
        O::I8x16MaxS => map2!(8, |x, y| signed::<8>(x).max(signed::<8>(y)) as u64),
        O::I8x16MaxU => map2!(8, u64::max),
        O::I8x16AddSatS => map2!(8, |x, y| clamp_s::<8>(signed::<8>(x) + signed::<8>(y))),
        O::I8x16AddSatU => map2!(8, |x, y| clamp_u::<8>(x as i64 + y as i64)),
        O::I8x16SubSatS => map2!(8, |x, y| clamp_s::<8>(signed::<8>(x) - signed::<8>(y))),
        O::I8x16SubSatU => map2!(8, |x, y| clamp_u::<8>(x as i64 - y as i64)),
        O::I8x16AvgrU => map2!(8, |x, y| (x + y).div_ceil(2)),
        O::I16x8Splat => un!(splat::<16>),
        O::I16x8ExtractLaneS { lane } => un!(|a| extend_s::<16, 32>(lane_of(a, *lane, 16))),
        O::I16x8ExtractLaneU { lane } => un!(|a| lane_of(a, *lane, 16)),
        O::I16x8ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 16)),
        O::I16x8Eq => map2!(16, |x, y| truth(x == y)),
        O::I16x8Ne => map2!(16, |x, y| truth(x != y)),
        O::I16x8LtS => map2!(16, |x, y| truth(signed::<16>(x) < signed::<16>(y))),
        O::I16x8LtU => map2!(16, |x, y| truth(x < y)),
        O::I16x8GtS => map2!(16, |x, y| truth(signed::<16>(x) > signed::<16>(y))),
        O::I16x8GtU => map2!(16, |x, y| truth(x > y)),
        O::I16x8LeS => map2!(16, |x, y| truth(signed::<16>(x) <= signed::<16>(y))),
        O::I16x8LeU => map2!(16, |x, y| truth(x <= y)),
        O::I16x8GeS => map2!(16, |x, y| truth(signed::<16>(x) >= signed::<16>(y))),
        O::I16x8GeU => map2!(16, |x, y| truth(x >= y)),
        O::I16x8Abs => map1!(16, |x| signed::<16>(x).unsigned_abs()),
        O::I16x8Neg => map1!(16, |x: u64| x.wrapping_neg()),
        O::I16x8AllTrue => {
            un!(|a: Value| Value::bit((0..128 / 16).all(|i| lane_of(a, i, 16).u64() != 0), a.is_secret()))
        }
        O::I16x8Bitmask => un!(bitmask::<16>),
        O::I16x8Shl => lane_shift!(16, |x, n| x << n),
        O::I16x8ShrS => lane_shift!(16, |x, n| (signed::<16>(x) >> n) as u64),
        O::I16x8ShrU => lane_shift!(16, |x, n| x >> n),
        O::I16x8Add => map2!(16, u64::wrapping_add),
        O::I16x8Sub => map2!(16, u64::wrapping_sub),
        O::I16x8Mul => map2!(16, u64::wrapping_mul),
        O::I16x8MinS => map2!(16, |x, y| signed::<16>(x).min(signed::<16>(y)) as u64),
        O::I16x8MinU => map2!(16, u64::min),
        O::I16x8MaxS => map2!(16, |x, y| signed::<16>(x).max(signed::<16>(y)) as u64),
        O::I16x8MaxU => map2!(16, u64::max),
        O::I16x8AddSatS => map2!(16, |x, y| clamp_s::<16>(signed::<16>(x) + signed::<16>(y))),
        O::I16x8AddSatU => map2!(16, |x, y| clamp_u::<16>(x as i64 + y as i64)),
        O::I16x8SubSatS => map2!(16, |x, y| clamp_s::<16>(signed::<16>(x) - signed::<16>(y))),
        O::I16x8SubSatU => map2!(16, |x, y| clamp_u::<16>(x as i64 - y as i64)),
        O::I16x8AvgrU => map2!(16, |x, y| (x + y).div_ceil(2)),
        O::I32x4Splat => un!(splat::<32>),
        O::I32x4ExtractLane { lane } => un!(|a| lane_of(a, *lane, 32)),
        O::I32x4ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 32)),
        O::I32x4Eq => map2!(32, |x, y| truth(x == y)),
        O::I32x4Ne => map2!(32, |x, y| truth(x != y)),
        O::I32x4LtS => map2!(32, |x, y| truth(signed::<32>(x) < signed::<32>(y))),
        O::I32x4LtU => map2!(32, |x, y| truth(x < y)),
        O::I32x4GtS => map2!(32, |x, y| truth(signed::<32>(x) > signed::<32>(y))),
        O::I32x4GtU => map2!(32, |x, y| truth(x > y)),
        O::I32x4LeS => map2!(32, |x, y| truth(signed::<32>(x) <= signed::<32>(y))),
        O::I32x4LeU => map2!(32, |x, y| truth(x <= y)),
        O::I32x4GeS => map2!(32, |x, y| truth(signed::<32>(x) >= signed::<32>(y))),
        O::I32x4GeU => map2!(32, |x, y| truth(x >= y)),
        O::I32x4Abs => map1!(32, |x| signed::<32>(x).unsigned_abs()),
        O::I32x4Neg => map1!(32, |x: u64| x.wrapping_neg()),
        O::I32x4AllTrue => {
            un!(|a: Value| Value::bit((0..128 / 32).all(|i| lane_of(a, i, 32).u64() != 0), a.is_secret()))
        }
        O::I32x4Bitmask => un!(bitmask::<32>),
        O::I32x4Shl => lane_shift!(32, |x, n| x << n),
        O::I32x4ShrS => lane_shift!(32, |x, n| (signed::<32>(x) >> n) as u64),
        O::I32x4ShrU => lane_shift!(32, |x, n| x >> n),
        O::I32x4Add => map2!(32, u64::wrapping_add),
        O::I32x4Sub => map2!(32, u64::wrapping_sub),
        O::I32x4Mul => map2!(32, u64::wrapping_mul),
        O::I32x4MinS => map2!(32, |x, y| signed::<32>(x).min(signed::<32>(y)) as u64),
        O::I32x4MinU => map2!(32, u64::min),
        O::I32x4MaxS => map2!(32, |x, y| signed::<32>(x).max(signed::<32>(y)) as u64),
        O::I32x4MaxU => map2!(32, u64::max),
        O::I64x2Splat => un!(splat::<64>),
        O::I64x2ExtractLane { lane } => un!(|a| lane_of(a, *lane, 64)),
        O::I64x2ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 64)),
        O::I64x2Eq => map2!(64, |x, y| truth(x == y)),
        O::I64x2Ne => map2!(64, |x, y| truth(x != y)),
        O::I64x2LtS => map2!(64, |x, y| truth(signed::<64>(x) < signed::<64>(y))),
        O::I64x2GtS => map2!(64, |x, y| truth(signed::<64>(x) > signed::<64>(y))),
        O::I64x2LeS => map2!(64, |x, y| truth(signed::<64>(x) <= signed::<64>(y))),
        O::I64x2GeS => map2!(64, |x, y| truth(signed::<64>(x) >= signed::<64>(y))),
        O::I64x2Abs => map1!(64, |x| signed::<64>(x).unsigned_abs()),
        O::I64x2Neg => map1!(64, |x: u64| x.wrapping_neg()),
        O::I64x2AllTrue => {
            un!(|a: Value| Value::bit((0..128 / 64).all(|i| lane_of(a, i, 64).u64() != 0), a.is_secret()))
        }
        O::I64x2Bitmask => un!(bitmask::<64>),
        O::I64x2Shl => lane_shift!(64, |x, n| x << n),
        O::I64x2ShrS => lane_shift!(64, |x, n| (signed::<64>(x) >> n) as u64),
        O::I64x2ShrU => lane_shift!(64, |x, n| x >> n),
        O::I64x2Add => map2!(64, u64::wrapping_add),
        O::I64x2Sub => map2!(64, u64::wrapping_sub),
        O::I64x2Mul => map2!(64, u64::wrapping_mul),
        O::I8x16Popcnt => map1!(8, |x: u64| x.count_ones().into()),
        O::I16x8Q15MulrSatS | O::I16x8RelaxedQ15mulrS => map2!(16, |x, y| clamp_s::<16>(
            (signed::<16>(x) * signed::<16>(y) + 0x4000) >> 15
        )),
        O::I8x16NarrowI16x8S => bin!(|a, b| narrow::<16, 8>(a, b, clamp_s::<8>)),
        O::I8x16NarrowI16x8U => bin!(|a, b| narrow::<16, 8>(a, b, clamp_u::<8>)),
        O::I16x8NarrowI32x4S => bin!(|a, b| narrow::<32, 16>(a, b, clamp_s::<16>)),
        O::I16x8NarrowI32x4U => bin!(|a, b| narrow::<32, 16>(a, b, clamp_u::<16>)),
        O::I16x8ExtendLowI8x16S => un!(|a| widen::<8, 16>(a, 0, |x| signed::<8>(x) as u64)),
        O::I16x8ExtMulLowI8x16S => {
            bin!(|a, b| ext_mul::<8, 16>(a, b, 0, |x, y| signed::<8>(x).wrapping_mul(signed::<8>(y)) as u64))
        }
        O::I16x8ExtendLowI8x16U => un!(|a| widen::<8, 16>(a, 0, |x| x)),
        O::I16x8ExtMulLowI8x16U => bin!(|a, b| ext_mul::<8, 16>(a, b, 0, |x, y| x.wrapping_mul(y))),
        O::I16x8ExtendHighI8x16S => un!(|a| widen::<8, 16>(a, 8, |x| signed::<8>(x) as u64)),
        O::I16x8ExtMulHighI8x16S => {
            bin!(|a, b| ext_mul::<8, 16>(a, b, 8, |x, y| signed::<8>(x).wrapping_mul(signed::<8>(y)) as u64))
        }
        O::I16x8ExtendHighI8x16U => un!(|a| widen::<8, 16>(a, 8, |x| x)),
        O::I16x8ExtMulHighI8x16U => bin!(|a, b| ext_mul::<8, 16>(a, b, 8, |x, y| x.wrapping_mul(y))),
        O::I32x4ExtendLowI16x8S => un!(|a| widen::<16, 32>(a, 0, |x| signed::<16>(x) as u64)),
        O::I32x4ExtMulLowI16x8S => bin!(|a, b| ext_mul::<16, 32>(a, b, 0, |x, y| signed::<16>(x)
            .wrapping_mul(signed::<16>(y))
            as u64)),
        O::I32x4ExtendLowI16x8U => un!(|a| widen::<16, 32>(a, 0, |x| x)),
        O::I32x4ExtMulLowI16x8U => bin!(|a, b| ext_mul::<16, 32>(a, b, 0, |x, y| x.wrapping_mul(y))),
        O::I32x4ExtendHighI16x8S => un!(|a| widen::<16, 32>(a, 4, |x| signed::<16>(x) as u64)),
        O::I32x4ExtMulHighI16x8S => bin!(|a, b| ext_mul::<16, 32>(a, b, 4, |x, y| signed::<16>(x)
            .wrapping_mul(signed::<16>(y))
            as u64)),
        O::I32x4ExtendHighI16x8U => un!(|a| widen::<16, 32>(a, 4, |x| x)),
        O::I32x4ExtMulHighI16x8U => bin!(|a, b| ext_mul::<16, 32>(a, b, 4, |x, y| x.wrapping_mul(y))),
        O::I64x2ExtendLowI32x4S => un!(|a| widen::<32, 64>(a, 0, |x| signed::<32>(x) as u64)),
        O::I64x2ExtMulLowI32x4S => bin!(|a, b| ext_mul::<32, 64>(a, b, 0, |x, y| signed::<32>(x)
            .wrapping_mul(signed::<32>(y))
            as u64)),
        O::I64x2ExtendLowI32x4U => un!(|a| widen::<32, 64>(a, 0, |x| x)),
        O::I64x2ExtMulLowI32x4U => bin!(|a, b| ext_mul::<32, 64>(a, b, 0, |x, y| x.wrapping_mul(y))),
        O::I64x2ExtendHighI32x4S => un!(|a| widen::<32, 64>(a, 2, |x| signed::<32>(x) as u64)),
        O::I64x2ExtMulHighI32x4S => bin!(|a, b| ext_mul::<32, 64>(a, b, 2, |x, y| signed::<32>(x)
            .wrapping_mul(signed::<32>(y))
            as u64)),
        O::I64x2ExtendHighI32x4U => un!(|a| widen::<32, 64>(a, 2, |x| x)),
        O::I64x2ExtMulHighI32x4U => bin!(|a, b| ext_mul::<32, 64>(a, b, 2, |x, y| x.wrapping_mul(y))),
        O::I16x8ExtAddPairwiseI8x16S => {
            un!(|a| pairwise::<8, 16>(a, |x, y| (signed::<8>(x) + signed::<8>(y)) as u64))
        }
        O::I16x8ExtAddPairwiseI8x16U => un!(|a| pairwise::<8, 16>(a, |x, y| x + y)),
        O::I32x4ExtAddPairwiseI16x8S => {
            un!(|a| pairwise::<16, 32>(a, |x, y| (signed::<16>(x) + signed::<16>(y)) as u64))
        }
        O::I32x4ExtAddPairwiseI16x8U => un!(|a| pairwise::<16, 32>(a, |x, y| x + y)),
        O::F32x4Splat => un!(splat::<32>),
        O::F32x4ExtractLane { lane } => un!(|a| lane_of(a, *lane, 32)),
        O::F32x4ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 32)),
        O::F32x4Eq => map2!(32, |x, y| truth(f32_of(x) == f32_of(y))),
        O::F32x4Ne => map2!(32, |x, y| truth(f32_of(x) != f32_of(y))),
        O::F32x4Lt => map2!(32, |x, y| truth(f32_of(x) < f32_of(y))),
        O::F32x4Gt => map2!(32, |x, y| truth(f32_of(x) > f32_of(y))),
        O::F32x4Le => map2!(32, |x, y| truth(f32_of(x) <= f32_of(y))),
        O::F32x4Ge => map2!(32, |x, y| truth(f32_of(x) >= f32_of(y))),
        O::F32x4Ceil => map1!(32, |x| f32_bits(f32_of(x).ceil())),
        O::F32x4Floor => map1!(32, |x| f32_bits(f32_of(x).floor())),
        O::F32x4Trunc => map1!(32, |x| f32_bits(f32_of(x).trunc())),
        O::F32x4Nearest => map1!(32, |x| f32_bits(f32_of(x).round_ties_even())),
        O::F32x4Sqrt => map1!(32, |x| f32_bits(f32_of(x).sqrt())),
        O::F32x4Abs => map1!(32, |x| x & (mask::<32>() >> 1)),
        O::F32x4Neg => map1!(32, |x| x ^ (1 << 31)),
        O::F32x4Add => map2!(32, |x, y| f32_bits(f32_of(x) + f32_of(y))),
        O::F32x4Sub => map2!(32, |x, y| f32_bits(f32_of(x) - f32_of(y))),
        O::F32x4Mul => map2!(32, |x, y| f32_bits(f32_of(x) * f32_of(y))),
        O::F32x4Div => map2!(32, |x, y| f32_bits(f32_of(x) / f32_of(y))),
        O::F32x4Min | O::F32x4RelaxedMin => map2!(32, |x, y| f32_bits(
            min(f32_of(x).into(), f32_of(y).into()) as f32
        )),
        O::F32x4Max | O::F32x4RelaxedMax => map2!(32, |x, y| f32_bits(
            max(f32_of(x).into(), f32_of(y).into()) as f32
        )),
        O::F32x4PMin => map2!(32, |x, y| if f32_of(y) < f32_of(x) { y } else { x }),
        O::F32x4PMax => map2!(32, |x, y| if f32_of(x) < f32_of(y) { y } else { x }),
        O::F32x4RelaxedMadd => map3!(32, |x, y, z| f32_bits(f32_of(x).mul_add(f32_of(y), f32_of(z)))),
        O::F32x4RelaxedNmadd => map3!(32, |x, y, z| f32_bits((-f32_of(x)).mul_add(f32_of(y), f32_of(z)))),
        O::F64x2Splat => un!(splat::<64>),
        O::F64x2ExtractLane { lane } => un!(|a| lane_of(a, *lane, 64)),
        O::F64x2ReplaceLane { lane } => bin!(|a, b| with_lane(a, b, *lane, 64)),
        O::F64x2Eq => map2!(64, |x, y| truth(f64_of(x) == f64_of(y))),
        O::F64x2Ne => map2!(64, |x, y| truth(f64_of(x) != f64_of(y))),
        O::F64x2Lt => map2!(64, |x, y| truth(f64_of(x) < f64_of(y))),
        O::F64x2Gt => map2!(64, |x, y| truth(f64_of(x) > f64_of(y))),
        O::F64x2Le => map2!(64, |x, y| truth(f64_of(x) <= f64_of(y))),
        O::F64x2Ge => map2!(64, |x, y| truth(f64_of(x) >= f64_of(y))),
        O::F64x2Ceil => map1!(64, |x| f64_bits(f64_of(x).ceil())),
        O::F64x2Floor => map1!(64, |x| f64_bits(f64_of(x).floor())),
        O::F64x2Trunc => map1!(64, |x| f64_bits(f64_of(x).trunc())),
        O::F64x2Nearest => map1!(64, |x| f64_bits(f64_of(x).round_ties_even())),
        O::F64x2Sqrt => map1!(64, |x| f64_bits(f64_of(x).sqrt())),
        O::F64x2Abs => map1!(64, |x| x & (mask::<64>() >> 1)),
        O::F64x2Neg => map1!(64, |x| x ^ (1 << 63)),
        O::F64x2Add => map2!(64, |x, y| f64_bits(f64_of(x) + f64_of(y))),
        O::F64x2Sub => map2!(64, |x, y| f64_bits(f64_of(x) - f64_of(y))),
        O::F64x2Mul => map2!(64, |x, y| f64_bits(f64_of(x) * f64_of(y))),
        O::F64x2Div => map2!(64, |x, y| f64_bits(f64_of(x) / f64_of(y))),
        O::F64x2Min | O::F64x2RelaxedMin => map2!(64, |x, y| f64_bits(min(f64_of(x), f64_of(y)))),
        O::F64x2Max | O::F64x2RelaxedMax => map2!(64, |x, y| f64_bits(max(f64_of(x), f64_of(y)))),
        O::F64x2PMin => map2!(64, |x, y| if f64_of(y) < f64_of(x) { y } else { x }),
        O::F64x2PMax => map2!(64, |x, y| if f64_of(x) < f64_of(y) { y } else { x }),
        O::F64x2RelaxedMadd => map3!(64, |x, y, z| f64_bits(f64_of(x).mul_add(f64_of(y), f64_of(z)))),
        O::F64x2RelaxedNmadd => map3!(64, |x, y, z| f64_bits((-f64_of(x)).mul_add(f64_of(y), f64_of(z)))),
        O::F32x4ConvertI32x4S => map1!(32, |x| f32_bits(x as u32 as i32 as f32)),
        O::F32x4ConvertI32x4U => map1!(32, |x| f32_bits(x as u32 as f32)),
        O::I32x4TruncSatF32x4S | O::I32x4RelaxedTruncF32x4S => map1!(32, |x| f32_of(x) as i32 as u64),
        O::I32x4TruncSatF32x4U | O::I32x4RelaxedTruncF32x4U => map1!(32, |x| (f32_of(x) as u32).into()),
        O::F64x2ConvertLowI32x4S => un!(|a| widen::<32, 64>(a, 0, |x| f64_bits(x as u32 as i32 as f64))),
        O::F64x2ConvertLowI32x4U => un!(|a| widen::<32, 64>(a, 0, |x| f64_bits(x as u32 as f64))),
        O::F64x2PromoteLowF32x4 => un!(|a| widen::<32, 64>(a, 0, |x| f64_bits(f32_of(x).into()))),
        O::F32x4DemoteF64x2Zero => un!(|a| halve(a, |x| f32_bits(f64_of(x) as f32))),
        O::I32x4TruncSatF64x2SZero | O::I32x4RelaxedTruncF64x2SZero => {
            un!(|a| halve(a, |x| f64_of(x) as i32 as u64))
        }
        O::I32x4TruncSatF64x2UZero | O::I32x4RelaxedTruncF64x2UZero => {
            un!(|a| halve(a, |x| (f64_of(x) as u32).into()))
        }
        _ => return false,
    }
    true
}

fn truth(yes: bool) -> u64 {
    if yes { u64::MAX } else { 0 }
}

fn f32_of(bits: u64) -> f32 {
    f32::from_bits(bits as u32)
}

fn f64_of(bits: u64) -> f64 {
    f64::from_bits(bits)
}

fn f32_bits(x: f32) -> u64 {
    x.to_bits().into()
}

fn f64_bits(x: f64) -> u64 {
    x.to_bits()
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
pub(crate) fn with_lane(a: Value, scalar: Value, lane: u8, width: u32) -> Value {
    let shift = u32::from(lane) * width;
    let mask = u128::from(u64::MAX >> (64 - width));
    Value {
        bits: (a.bits & !(mask << shift)) | ((scalar.bits & mask) << shift),
        secret: (a.secret & !(mask << shift)) | ((scalar.secret & mask) << shift),
    }
}

fn splat<const W: u32>(a: Value) -> Value {
    let every = u128::MAX / u128::from(mask::<W>());
    let low = u128::from(mask::<W>());
    Value {
        bits: (a.bits & low) * every,
        secret: (a.secret & low) * every,
    }
}

/// Sets lane `lane` of `to`, which was zero.
fn put<const W: u32>(to: &mut Value, lane: u32, bits: u64, secret: bool) {
    to.bits |= u128::from(bits & mask::<W>()) << (lane * W);
    if secret {
        to.secret |= u128::from(mask::<W>()) << (lane * W);
    }
}

fn map1<const W: u32>(a: Value, f: impl Fn(u64) -> u64) -> Value {
    map::<W, 1>([a], |[x]| f(x))
}

fn map2<const W: u32>(a: Value, b: Value, f: impl Fn(u64, u64) -> u64) -> Value {
    map::<W, 2>([a, b], |[x, y]| f(x, y))
}

fn map3<const W: u32>(a: Value, b: Value, c: Value, f: impl Fn(u64, u64, u64) -> u64) -> Value {
    map::<W, 3>([a, b, c], |[x, y, z]| f(x, y, z))
}

/// Lane by lane.
fn map<const W: u32, const N: usize>(vectors: [Value; N], f: impl Fn([u64; N]) -> u64) -> Value {
    let mut result = Value::default();
    for lane in 0..128 / W {
        let shift = lane * W;
        let operands = vectors.map(|vector| (vector.bits >> shift) as u64 & mask::<W>());
        let secret = vectors
            .iter()
            .any(|vector| (vector.secret >> shift) as u64 & mask::<W>() != 0);
        put::<W>(&mut result, lane, f(operands), secret);
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
    Value {
        bits,
        secret: (chosen & !c.secret) | (either & c.secret),
    }
}

/// A look-up in a register: no address, and on every engine's hardware one instruction.
fn swizzle(a: Value, indices: Value) -> Value {
    let mut result = Value::default();
    for lane in 0..16 {
        let index = lane_of(indices, lane, 8);
        if index.is_secret() {
            let byte = if index.u64() < 16 {
                lane_of(a, index.u64() as u8, 8).u64()
            } else {
                0
            };
            put::<8>(&mut result, lane.into(), byte, true);
        } else if index.u64() < 16 {
            result = with_lane(result, lane_of(a, index.u64() as u8, 8), lane, 8);
        }
    }
    result
}

fn shuffle(a: Value, b: Value, lanes: &[u8; 16]) -> Value {
    let mut result = Value::default();
    for (to, from) in lanes.iter().enumerate() {
        let byte = if *from < 16 {
            lane_of(a, *from, 8)
        } else {
            lane_of(b, from - 16, 8)
        };
        result = with_lane(result, byte, to as u8, 8);
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

/// Lanes from `first` on, each made a lane of twice the width.
fn widen<const FROM: u32, const TO: u32>(a: Value, first: u8, f: impl Fn(u64) -> u64) -> Value {
    let mut result = Value::default();
    for lane in 0..(128 / TO) as u8 {
        let x = lane_of(a, first + lane, FROM);
        put::<TO>(&mut result, lane.into(), f(x.u64()), x.is_secret());
    }
    result
}

fn ext_mul<const FROM: u32, const TO: u32>(
    a: Value,
    b: Value,
    first: u8,
    f: impl Fn(u64, u64) -> u64,
) -> Value {
    let mut result = Value::default();
    for lane in 0..(128 / TO) as u8 {
        let (x, y) = (lane_of(a, first + lane, FROM), lane_of(b, first + lane, FROM));
        put::<TO>(
            &mut result,
            lane.into(),
            f(x.u64(), y.u64()),
            x.is_secret() || y.is_secret(),
        );
    }
    result
}

fn pairwise<const FROM: u32, const TO: u32>(a: Value, f: impl Fn(u64, u64) -> u64) -> Value {
    let mut result = Value::default();
    for lane in 0..(128 / TO) as u8 {
        let (x, y) = (lane_of(a, 2 * lane, FROM), lane_of(a, 2 * lane + 1, FROM));
        put::<TO>(
            &mut result,
            lane.into(),
            f(x.u64(), y.u64()),
            x.is_secret() || y.is_secret(),
        );
    }
    result
}

/// Sums of neighbours of eight products, the low four and the high four.
fn dot(low: Value, high: Value) -> Value {
    let mut result = Value::default();
    for lane in 0..4u8 {
        let from = if lane < 2 { low } else { high };
        let (x, y) = (
            lane_of(from, lane % 2 * 2, 32),
            lane_of(from, lane % 2 * 2 + 1, 32),
        );
        put::<32>(
            &mut result,
            lane.into(),
            x.u64().wrapping_add(y.u64()),
            x.is_secret() || y.is_secret(),
        );
    }
    result
}

/// Two lanes of 64 bits, made two of 32; the others are zero.
fn halve(a: Value, f: impl Fn(u64) -> u64) -> Value {
    let mut result = Value::default();
    for lane in 0..2u8 {
        let x = lane_of(a, lane, 64);
        put::<32>(&mut result, lane.into(), f(x.u64()), x.is_secret());
    }
    result
}
