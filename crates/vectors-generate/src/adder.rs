//! The C functions: 32-bit addition that wraps, and division that truncates or traps.

use super::build::{self, case, made_here};
use vectors::answer::Output;
use vectors::model::{Case, Expect, Face, Source, Suite};
use vectors::ops::{Op, Operands};

const MIN: i32 = i32::MIN;
const MAX: i32 = i32::MAX;

/// Both operands of each sum.
const SUMS: &[(i32, i32, &str)] = &[
    (2, 3, "the chapter's own call"),
    (0, 0, "nothing and nothing"),
    (0, 1, ""),
    (1, 0, ""),
    (0, -1, ""),
    (-1, 0, ""),
    (1, 1, ""),
    (1, -1, "opposite numbers"),
    (-1, 1, ""),
    (-1, -1, ""),
    (-2, -3, "two negative numbers"),
    (2, -3, "the sum is negative"),
    (-2, 3, "the sum is positive"),
    (127, 1, "over a byte's sign"),
    (255, 1, "over a byte"),
    (32_767, 1, "over 16 bits' sign"),
    (65_535, 1, "over 16 bits"),
    (-128, -1, ""),
    (-32_768, -1, ""),
    (16_777_216, 1, "an f32 could not hold it"),
    (123_456_789, 987_654_321, ""),
    (-123_456_789, -987_654_321, ""),
    (1_000_000_000, 1_000_000_000, ""),
    (MAX, 0, "the largest i32"),
    (0, MAX, ""),
    (MIN, 0, "the lowest i32"),
    (0, MIN, ""),
    (MAX, -1, ""),
    (MIN, 1, ""),
    (MAX, MIN, "both limits: -1"),
    (MIN, MAX, ""),
    (MAX - 1, 1, "just not over the top"),
    (MIN + 1, -1, "just not under the bottom"),
    (1 << 30, (1 << 30) - 1, "just not over the top"),
    (-(1 << 30), -(1 << 30), "exactly the lowest"),
    (MAX, 1, "over the top by one"),
    (1, MAX, "over the top by one"),
    (MAX, MAX, "over the top by as much as can be"),
    (1 << 30, 1 << 30, "over the top"),
    (2_000_000_000, 2_000_000_000, "over the top"),
    (MIN, -1, "under the bottom by one"),
    (-1, MIN, "under the bottom by one"),
    (MIN, MIN, "under the bottom by as much as can be"),
    (-2_000_000_000, -2_000_000_000, "under the bottom"),
];

/// Dividend and divisor of each division.
const DIVISIONS: &[(i32, i32, &str)] = &[
    (6, 3, "without a remainder"),
    (7, 2, "rounds towards zero"),
    (-7, 2, "rounds towards zero, not down"),
    (7, -2, "rounds towards zero, not down"),
    (-7, -2, ""),
    (1, 2, "less than one"),
    (-1, 2, "less than one, negative: 0"),
    (1, -2, ""),
    (0, 1, "nothing divided"),
    (0, -1, ""),
    (0, MIN, ""),
    (0, MAX, ""),
    (1, 1, ""),
    (-1, 1, ""),
    (1, -1, ""),
    (-1, -1, ""),
    (5, 10, ""),
    (1_000_000_007, 10, ""),
    (-1_000_000_007, 10, ""),
    (16_777_217, 1, "an f32 could not hold it"),
    (MAX, 1, "the largest i32"),
    (MAX, -1, ""),
    (MAX, 2, ""),
    (MAX, MAX, ""),
    (MAX, MIN, "less than one"),
    (MIN, 1, "the lowest i32"),
    (MIN, 2, ""),
    (MIN, -2, ""),
    (MIN, MIN, ""),
    (MIN, MAX, "-1, and a remainder"),
    (MIN + 1, -1, "just not over the top"),
    (1, MAX, ""),
    (-1, MIN, ""),
    (MIN, -1, "2147483648 is no i32"),
    (1, 0, ""),
    (-1, 0, ""),
    (0, 0, "nothing by nothing"),
    (MAX, 0, ""),
    (MIN, 0, ""),
];

// ANCHOR: add
pub(super) fn add_suite() -> Suite {
    let flags = [
        ("OverTheTop", "the sum is over 2147483647, and wraps to a negative number"),
        ("UnderTheBottom", "the sum is under -2147483648, and wraps to a positive number or zero"),
    ];
    let cases = SUMS.iter().map(|&(a, b, comment)| {
        let sum = i64::from(a) + i64::from(b);
        let (flags, wrapped): (&[&str], i64) = match sum {
            _ if sum > i64::from(MAX) => (&["OverTheTop"], sum - (1 << 32)),
            _ if sum < i64::from(MIN) => (&["UnderTheBottom"], sum + (1 << 32)),
            _ => (&[], sum),
        };
        let op = Op::Add(Operands { a, b });
        case(id("adder/add", a, b), flags, comment, op, value(wrapped))
    });
    build::suite("add", Face::Adder, source(), &flags, cases.collect())
}
// ANCHOR_END: add

pub(super) fn divide_suite() -> Suite {
    let flags = [
        ("ByZero", "division by zero, which C leaves undefined: the function traps"),
        ("Overflow", "-2147483648 by -1, which C leaves undefined: the function traps"),
    ];
    let cases: Vec<Case> = DIVISIONS
        .iter()
        .map(|&(a, b, comment)| {
            let (flags, expect): (&[&str], Expect) = match (a, b) {
                (_, 0) => (&["ByZero"], Expect::Trap(true)),
                (MIN, -1) => (&["Overflow"], Expect::Trap(true)),
                _ => (&[], value(i64::from(a) / i64::from(b))),
            };
            case(id("adder/divide", a, b), flags, comment, Op::Divide(Operands { a, b }), expect)
        })
        .collect();
    build::suite("divide", Face::Adder, source(), &flags, cases)
}

pub(super) fn source() -> Source {
    made_here("64-bit arithmetic, which cannot overflow here")
}

/// Such as `adder/add/2/m3`: a minus sign is written `m`.
fn id(prefix: &str, a: i32, b: i32) -> String {
    format!("{prefix}/{a}/{b}").replace("/-", "/m")
}

fn value(number: i64) -> Expect {
    let value = i32::try_from(number).expect("what is not an i32 traps or was wrapped");
    Expect::Ok(Output { value: Some(value), ..Output::default() })
}
