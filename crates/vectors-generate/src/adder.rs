//! The C functions: 32-bit addition that wraps, and division that truncates or traps.

use super::build::{self, case, made_here};
use vectors::answer::Output;
use vectors::model::{Expect, Face, Source, Suite};
use vectors::ops::{Op, Operands};

const MIN: i32 = i32::MIN;
const MAX: i32 = i32::MAX;

/// Both operands of each sum, and a comment.
const SUMS: &str = include_str!("sums.txt");

/// Dividend and divisor of each division, and a comment.
const DIVISIONS: &str = include_str!("divisions.txt");

// ANCHOR: add
pub(super) fn add_suite() -> Suite {
    let flags = [
        ("OverTheTop", "the sum is over 2147483647, and wraps to a negative number"),
        ("UnderTheBottom", "the sum is under -2147483648, and wraps to a positive number or zero"),
    ];
    let cases = rows(SUMS).map(|(a, b, comment)| {
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
    let cases = rows(DIVISIONS).map(|(a, b, comment)| {
        let (flags, expect): (&[&str], Expect) = match (a, b) {
            (_, 0) => (&["ByZero"], Expect::Trap(true)),
            (MIN, -1) => (&["Overflow"], Expect::Trap(true)),
            _ => (&[], value(i64::from(a) / i64::from(b))),
        };
        case(id("adder/divide", a, b), flags, comment, Op::Divide(Operands { a, b }), expect)
    });
    build::suite("divide", Face::Adder, source(), &flags, cases.collect())
}

pub(super) fn source() -> Source {
    made_here("64-bit arithmetic, which cannot overflow here")
}

fn rows(text: &str) -> impl Iterator<Item = (i32, i32, &str)> {
    let number = |word: Option<&str>| word.and_then(|word| word.parse().ok()).expect("a row starts with two numbers");
    text.lines().map(move |line| {
        let mut words = line.splitn(3, ' ');
        (number(words.next()), number(words.next()), words.next().unwrap_or_default())
    })
}

/// Such as `adder/add/2/m3`: a minus sign is written `m`.
fn id(prefix: &str, a: i32, b: i32) -> String {
    format!("{prefix}/{a}/{b}").replace("/-", "/m")
}

fn value(number: i64) -> Expect {
    let value = i32::try_from(number).expect("what is not an i32 traps or was wrapped");
    Expect::Ok(Output { value: Some(value.into()), ..Output::default() })
}
