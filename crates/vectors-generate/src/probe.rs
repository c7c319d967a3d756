//! What hosts do with the module `probe`: memory of every size, traps of every kind, limits that the host sets, and
//! values bit for bit. None of it is about signing, and all of it has bitten somebody who signs.

use super::build::{self, case, made_here};
use super::raw::{Steps, at, plus, raw_case};
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{KeptView, Op, Output, RawDeadline, RawMemoryLimit, Value};
use vectors::protocol::Answer;

const FLAGS: &[(&str, &str)] = &[
    (
        "HighPointer",
        "a pointer of 2 GiB or more, which is negative where a host shows it as a signed number",
    ),
    ("Growth", "linear memory grows"),
    (
        "KeptView",
        "a view of linear memory that the host made before memory grew",
    ),
    ("Trap", "the module traps; the answers end there"),
    (
        "MemoryLimit",
        "the host lets memory grow less than the module declares",
    ),
    ("Deadline", "the host cuts off a call that takes too long"),
    ("Bits", "a value goes in and comes out with the same bits"),
    (
        "SignallingNan",
        "a NaN whose quiet bit is 0: a host whose numbers are all doubles may set it",
    ),
];

const PAGE: i32 = 65_536;
/// 2 GiB, as an i32.
const HIGH: i32 = i32::MIN;

pub(super) fn suite() -> Suite {
    let cases = [memory(), views(), traps(), limits(), deadlines(), values()].concat();
    build::suite(
        "probe",
        Face::Probe,
        made_here("the WebAssembly specification"),
        FLAGS,
        cases,
    )
}

fn memory() -> Vec<Case> {
    vec![
        raw_case(
            "probe/memory/grows",
            &["Growth"],
            "what was there stays, what is new is zero",
            Steps::new()
                .pages(1)
                .write(PAGE_END.into(), [1, 2, 3, 4])
                .call("grow", &[0.into()], &[1.into()])
                .call("grow", &[2.into()], &[1.into()])
                .pages(3)
                .read(PAGE_END.into(), [1, 2, 3, 4])
                .read(PAGE.into(), [0; 8])
                .write((3 * PAGE - 4).into(), [5, 6, 7, 8])
                .call("load", &[(3 * PAGE - 4).into()], &[0x0807_0605.into()]),
        ),
        raw_case(
            "probe/memory/no-further-than-4-gib",
            &["Growth"],
            "-1, and the memory is as before",
            Steps::new()
                .call("grow", &[65_536.into()], &[(-1).into()])
                .call("grow", &[(-1).into()], &[(-1).into()])
                .pages(1)
                .call("grow", &[1.into()], &[1.into()]),
        ),
        raw_case(
            "probe/memory/above-2-gib",
            &["Growth", "HighPointer"],
            "the host writes, the module reads, and the other way round",
            Steps::new()
                .call("grow", &[32_768.into()], &[1.into()])
                .pages(32_769)
                .write(HIGH.into(), [1, 2, 3, 4])
                .call("load", &[HIGH.into()], &[0x0403_0201.into()])
                .call("store", &[(HIGH + 4).into(), 0x0807_0605.into()], &[])
                .read(HIGH.into(), [1, 2, 3, 4, 5, 6, 7, 8])
                .read(HIGH.wrapping_sub(4).into(), [0; 4]),
        ),
        raw_case(
            "probe/memory/pointer-above-2-gib-named",
            &["Growth", "HighPointer"],
            "a pointer that the module returns, used with an offset",
            Steps::new()
                .call("grow", &[32_768.into()], &[1.into()])
                .call_as("same_i32", &[HIGH.into()], "high", &[HIGH.into()])
                .write(plus("high", 16), [9; 4])
                .read(plus("high", 16), [9; 4])
                .call("load", &[plus("high", 16)], &[0x0909_0909.into()])
                .read_out_of_bounds(plus("high", PAGE - 3), 4),
        ),
        raw_case(
            "probe/memory/pointer-above-2-gib-outside",
            &["HighPointer"],
            "memory of one page: a high pointer is out of bounds, for the host and for the module",
            Steps::new()
                .call_as("same_i32", &[HIGH.into()], "high", &[HIGH.into()])
                .write_out_of_bounds(at("high"), [1])
                .read_out_of_bounds((-1).into(), 1)
                .read_out_of_bounds((-1).into(), 2)
                .read((PAGE - 1).into(), [0])
                .read_out_of_bounds((PAGE - 1).into(), 2)
                .call_that_traps("load", &[at("high")]),
        ),
    ]
}

/// The last four bytes of the first page.
const PAGE_END: i32 = PAGE - 4;

fn views() -> Vec<Case> {
    let value: i32 = 0x0403_0201;
    let expect = Expect::Ok(Output {
        bytes: Some(value.to_le_bytes().as_slice().into()),
        ..Output::default()
    });
    vec![case(
        "probe/view/kept-across-growth",
        &["KeptView", "Growth"],
        "the view shows what is in memory now",
        Op::KeptView(KeptView { ptr: 1024, value }),
        expect,
    )]
}

fn traps() -> Vec<Case> {
    let trap = |name: &str, comment: &str, export: &str, args: &[Value]| {
        raw_case(
            &format!("probe/trap/{name}"),
            &["Trap"],
            comment,
            Steps::new()
                .call("load", &[0.into()], &[0.into()])
                .call_that_traps(export, args)
                .not_reached("load", &[0.into()]),
        )
    };
    vec![
        trap(
            "unreachable",
            "what a panic of Rust ends in",
            "trap_unreachable",
            &[],
        ),
        trap(
            "divide-by-zero",
            "i32.div_s",
            "trap_divide",
            &[1.into(), 0.into()],
        ),
        trap(
            "divide-overflow",
            "i32.div_s, -2147483648 by -1",
            "trap_divide",
            &[i32::MIN.into(), (-1).into()],
        ),
        trap(
            "convert-nan",
            "i32.trunc_f64_s of a NaN",
            "trap_convert",
            &[f64_bits(0x7ff8_0000_0000_0000)],
        ),
        trap(
            "convert-too-large",
            "i32.trunc_f64_s of 2^31",
            "trap_convert",
            &[f64_bits(2_147_483_648_f64.to_bits())],
        ),
        trap(
            "table-type",
            "call_indirect of a function of another type",
            "trap_table",
            &[0.into()],
        ),
        trap(
            "table-empty",
            "call_indirect of an entry that was never set",
            "trap_table",
            &[1.into()],
        ),
        trap(
            "table-bounds",
            "call_indirect beyond the end of the table",
            "trap_table",
            &[2.into()],
        ),
        trap("load-bounds", "one byte too far", "load", &[(PAGE - 3).into()]),
        trap("load-far", "the highest pointer there is", "load", &[(-1).into()]),
        trap(
            "stack",
            "a recursion without end: the host's stack runs out, or its own limit",
            "recurse",
            &[0.into()],
        ),
    ]
}

fn limits() -> Vec<Case> {
    let limited = |name: &str, comment: &str, max_pages: u32, steps: Steps| {
        let (steps, expect) = steps.parts();
        let op = Op::RawMemoryLimit(RawMemoryLimit { max_pages, steps });
        case(
            format!("probe/memory-limit/{name}"),
            &["MemoryLimit", "Growth"],
            comment,
            op,
            expect,
        )
    };
    vec![
        limited(
            "up-to-it",
            "the last page that is allowed, and one more",
            4,
            Steps::new()
                .call("grow", &[2.into()], &[1.into()])
                .call("grow", &[2.into()], &[(-1).into()])
                .call("grow", &[1.into()], &[3.into()])
                .call("grow", &[1.into()], &[(-1).into()])
                .pages(4)
                .write((4 * PAGE - 4).into(), [1, 2, 3, 4])
                .call("load", &[(4 * PAGE - 4).into()], &[0x0403_0201.into()])
                .read_out_of_bounds((4 * PAGE).into(), 1),
        ),
        limited(
            "none-at-all",
            "as much as the module starts with",
            1,
            Steps::new()
                .call("grow", &[1.into()], &[(-1).into()])
                .call("grow", &[0.into()], &[1.into()])
                .pages(1)
                .call("store", &[0.into(), 7.into()], &[])
                .call("load", &[0.into()], &[7.into()]),
        ),
        limited(
            "then-a-trap",
            "beyond the limit is out of bounds",
            2,
            Steps::new()
                .call("grow", &[1.into()], &[1.into()])
                .call_that_traps("load", &[(2 * PAGE).into()]),
        ),
    ]
}

fn deadlines() -> Vec<Case> {
    let limited = |name: &str, comment: &str, deadline_ms: u32, steps: Steps| {
        let (steps, expect) = steps.parts();
        let op = Op::RawDeadline(RawDeadline { deadline_ms, steps });
        case(
            format!("probe/deadline/{name}"),
            &["Deadline"],
            comment,
            op,
            expect,
        )
    };
    vec![
        limited(
            "endless",
            "a call that never returns, after one that does",
            100,
            Steps::new()
                .call("count", &[1000.into()], &[1000.into()])
                .call("store", &[0.into(), 7.into()], &[])
                .cut_off("spin", &[])
                .not_reached("load", &[0.into()]),
        ),
        limited(
            "in-time",
            "each call has the whole time for itself",
            5000,
            Steps::new()
                .call("count", &[1000.into()], &[1000.into()])
                .call("count", &[1000.into()], &[1000.into()])
                .call("load", &[0.into()], &[0.into()]),
        ),
        limited(
            "trap-in-time",
            "a trap is a trap",
            5000,
            Steps::new()
                .call("load", &[0.into()], &[0.into()])
                .call_that_traps("trap_unreachable", &[]),
        ),
    ]
}

fn values() -> Vec<Case> {
    let same = |name: &str, flags: &[&str], comment: &str, export: &str, values: Vec<Value>| {
        let steps = values.into_iter().fold(Steps::new(), |steps, value| {
            steps.call(export, std::slice::from_ref(&value), std::slice::from_ref(&value))
        });
        raw_case(&format!("probe/value/{name}"), flags, comment, steps)
    };
    vec![
        same(
            "i32",
            &["Bits"],
            "the limits",
            "same_i32",
            [0, 1, -1, i32::MIN, i32::MAX].map(Value::from).to_vec(),
        ),
        same(
            "i64",
            &["Bits"],
            "the limits, and numbers that a double cannot hold",
            "same_i64",
            [0, -1, i64::MIN, i64::MAX, 9_007_199_254_740_993]
                .map(|number: i64| Value::I64 {
                    i64: number.to_string(),
                })
                .to_vec(),
        ),
        same(
            "f32",
            &["Bits"],
            "both zeros, the smallest, the largest, an infinity",
            "same_f32",
            [0, 0x8000_0000, 1, 0x7f7f_ffff, 0xff80_0000]
                .map(f32_bits)
                .to_vec(),
        ),
        same(
            "f64",
            &["Bits"],
            "both zeros, the smallest, the largest, an infinity",
            "same_f64",
            [
                0,
                0x8000_0000_0000_0000,
                1,
                0x7fef_ffff_ffff_ffff,
                0xfff0_0000_0000_0000,
            ]
            .map(f64_bits)
            .to_vec(),
        ),
        same(
            "f32-quiet-nan",
            &["Bits"],
            "the usual NaN",
            "same_f32",
            vec![f32_bits(0x7fc0_0000)],
        ),
        same(
            "f64-quiet-nan",
            &["Bits"],
            "the usual NaN",
            "same_f64",
            vec![f64_bits(0x7ff8_0000_0000_0000)],
        ),
        same(
            "f32-nan-payload",
            &["Bits"],
            "a quiet NaN with a payload and a sign",
            "same_f32",
            vec![f32_bits(0xffc0_1234)],
        ),
        same(
            "f64-nan-payload",
            &["Bits"],
            "a quiet NaN with a payload and a sign",
            "same_f64",
            vec![f64_bits(0xfff8_0000_0000_1234)],
        ),
        same(
            "f32-signalling-nan",
            &["Bits", "SignallingNan"],
            "by the host and back",
            "same_f32",
            vec![f32_bits(0x7fa0_0000)],
        ),
        same(
            "f64-signalling-nan",
            &["Bits", "SignallingNan"],
            "by the host and back",
            "same_f64",
            vec![f64_bits(0x7ff4_0000_0000_0000)],
        ),
        raw_case(
            "probe/value/many-at-once",
            &["Bits"],
            "one of each, back in the other order",
            Steps::new().call(
                "swap",
                &[
                    (-1).into(),
                    Value::I64 { i64: "-2".into() },
                    f32_bits(0x3fc0_0000),
                    f64_bits(0x4004_0000_0000_0000),
                ],
                &[
                    f64_bits(0x4004_0000_0000_0000),
                    f32_bits(0x3fc0_0000),
                    Value::I64 { i64: "-2".into() },
                    (-1).into(),
                ],
            ),
        ),
    ]
}

fn f32_bits(bits: u32) -> Value {
    Value::F32 {
        f32: format!("{bits:08x}"),
    }
}

fn f64_bits(bits: u64) -> Value {
    Value::F64 {
        f64: format!("{bits:016x}"),
    }
}

impl Steps {
    /// A call that the host cuts off.
    fn cut_off(self, export: &str, args: &[Value]) -> Self {
        self.step(
            super::raw::call(export, args, None),
            Answer::error(vectors::check::CUT_OFF),
        )
    }
}
