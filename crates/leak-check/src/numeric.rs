//! Which arithmetic an instruction does, looked up by its name when a module is parsed.

use anyhow::Result;
use wasmparser::Operator;

use crate::finding::Kind;
use crate::value::Value;
use crate::{float, scalar, simd};

/// What an instruction that touches neither memory nor control flow does with its operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arithmetic {
    One(fn(Value) -> Value),
    Two(fn(Value, Value) -> Value),
    Three(fn(Value, Value, Value) -> Value),
    /// A conversion that traps.
    Convert(fn(Value) -> Result<Value>),
    /// A division or remainder that traps.
    Divide(fn(Value, Value) -> Result<Value>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Numeric {
    arithmetic: Arithmetic,
    /// Why its time depends on its operands.
    pub(crate) hazard: Option<Kind>,
}

impl Numeric {
    /// None if the instruction is of another kind, or unknown.
    pub(crate) fn find(operator: &Operator<'_>) -> Option<Self> {
        let (shape, op) = split(name(operator))?;
        let arithmetic = match shape {
            "I32" => scalar::find::<32>(op),
            "I64" => scalar::find::<64>(op),
            "F32" => float::find::<32, 1>(op),
            "F64" => float::find::<64, 1>(op),
            "F32x4" => float::find::<32, 4>(op),
            "F64x2" => float::find::<64, 2>(op),
            "V128" => simd::find_bitwise(op),
            "I8x16" => simd::find::<4, 8, 16>(op),
            "I16x8" => simd::find::<8, 16, 32>(op),
            "I32x4" => simd::find::<16, 32, 64>(op),
            _ => simd::find::<32, 64, 64>(op),
        }?;
        let hazard = match arithmetic {
            Arithmetic::Convert(_) => Some(Kind::TrappingConversion),
            Arithmetic::Divide(_) => Some(Kind::Division),
            _ if matches!(op, "Div" | "Sqrt") => Some(Kind::Division),
            _ => None,
        };
        Some(Self { arithmetic, hazard })
    }

    /// How many operands it takes.
    pub(crate) fn arity(self) -> usize {
        match self.arithmetic {
            Arithmetic::One(_) | Arithmetic::Convert(_) => 1,
            Arithmetic::Two(_) | Arithmetic::Divide(_) => 2,
            Arithmetic::Three(_) => 3,
        }
    }

    /// Replaces the operands by the result.
    pub(crate) fn execute(self, stack: &mut Vec<Value>) -> Result<()> {
        let mut pop = || stack.pop().expect("validated: an operand is there");
        let last = pop();
        let result = match self.arithmetic {
            Arithmetic::One(f) => f(last),
            Arithmetic::Two(f) => f(pop(), last),
            Arithmetic::Three(f) => {
                let second = pop();
                f(pop(), second, last)
            }
            Arithmetic::Convert(f) => f(last)?,
            Arithmetic::Divide(f) => f(pop(), last)?,
        };
        stack.push(result);
        Ok(())
    }
}

/// `I32x4Add` as `I32x4` and `Add`.
fn split(name: &'static str) -> Option<(&'static str, &'static str)> {
    const SHAPES: [&str; 11] =
        ["I8x16", "I16x8", "I32x4", "I64x2", "F32x4", "F64x2", "V128", "I32", "I64", "F32", "F64"];
    SHAPES.into_iter().find_map(|shape| Some((shape, name.strip_prefix(shape)?)))
}

macro_rules! define_name {
    ($(@$proposal:ident $op:ident $({$($arg:ident: $argty:ty),*})? => $visit:ident ($($ann:tt)*))*) => {
        /// The name of the operator's variant.
        fn name(operator: &Operator<'_>) -> &'static str {
            match operator {
                $(Operator::$op { .. } => stringify!($op),)*
                _ => "",
            }
        }
    };
}
wasmparser::for_each_operator!(define_name);
