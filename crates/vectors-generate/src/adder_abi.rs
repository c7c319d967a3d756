//! The exports of the raw adder, called one by one.

use super::adder;
use super::build;
use super::raw::{Steps, raw_case};
use vectors::model::{Face, Suite};
use vectors::ops::Value;

const FLAGS: &[(&str, &str)] = &[
    (
        "Trap",
        "the C function traps by an explicit instruction, and the answers end",
    ),
    ("NoExport", "the module has no function of that name"),
];

pub(super) fn suite() -> Suite {
    const MIN: i32 = i32::MIN;
    const MAX: i32 = i32::MAX;
    let call = |steps: Steps, export: &str, a: i32, b: i32, result: i32| {
        steps.call(export, &[a.into(), b.into()], &[result.into()])
    };
    let sums = [
        (2, 3, 5),
        (-2, -3, -5),
        (MAX, 1, MIN),
        (MIN, -1, MAX),
        (MAX, MAX, -2),
        (MIN, MIN, 0),
    ];
    let sums = sums.into_iter().fold(Steps::new(), |steps, (a, b, sum)| {
        call(steps, "add_numbers", a, b, sum)
    });
    let quotients = [
        (7, 2, 3),
        (-7, 2, -3),
        (7, -2, -3),
        (MIN, 1, MIN),
        (MIN, 2, -1_073_741_824),
        (MAX, -1, -MAX),
    ];
    let quotients = quotients
        .into_iter()
        .fold(Steps::new(), |steps, (a, b, quotient)| {
            call(steps, "divide_numbers", a, b, quotient)
        });
    let later = |name: &str, plus: i32| Value::Var {
        var: name.to_owned(),
        plus,
    };
    let cases = vec![
        raw_case("adder-abi/add", &[], "one instance, sum after sum", sums),
        raw_case(
            "adder-abi/divide",
            &[],
            "one instance, quotient after quotient",
            quotients,
        ),
        raw_case(
            "adder-abi/results-used-later",
            &[],
            "a named result is an argument of the next call, with an offset that wraps",
            Steps::new()
                .call_as("add_numbers", &[2.into(), 3.into()], "five", &[5.into()])
                .call("add_numbers", &[later("five", 0), later("five", 0)], &[10.into()])
                .call("add_numbers", &[later("five", -6), 1.into()], &[0.into()])
                .call_as("add_numbers", &[MAX.into(), 0.into()], "largest", &[MAX.into()])
                .call("add_numbers", &[later("largest", 1), 0.into()], &[MIN.into()])
                .call(
                    "divide_numbers",
                    &[later("largest", 0), later("five", 2)],
                    &[306_783_378.into()],
                ),
        ),
        raw_case(
            "adder-abi/divide-by-zero",
            &["Trap"],
            "what would come after the trap is left out",
            Steps::new()
                .call("divide_numbers", &[1.into(), 1.into()], &[1.into()])
                .call_that_traps("divide_numbers", &[1.into(), 0.into()])
                .not_reached("add_numbers", &[2.into(), 3.into()]),
        ),
        raw_case(
            "adder-abi/divide-overflow",
            &["Trap"],
            "-2147483648 by -1",
            Steps::new().call_that_traps("divide_numbers", &[MIN.into(), (-1).into()]),
        ),
        raw_case(
            "adder-abi/no-such-export",
            &["NoExport"],
            "the instance lives on",
            Steps::new()
                .call_without_export("subtract_numbers", &[2.into(), 3.into()])
                .call_without_export("", &[])
                .call_without_export("add", &[2.into(), 3.into()])
                .call("add_numbers", &[2.into(), 3.into()], &[5.into()]),
        ),
    ];
    build::suite("adder-abi", Face::AdderAbi, adder::source(), FLAGS, cases)
}
