//! Every instruction on numbers and memory, each as a function of one module.

use std::fmt::Write as _;

/// One instruction as an exported function.
#[derive(Debug, Clone)]
pub(crate) struct Instruction {
    /// The export: the instruction with its immediates.
    pub(crate) name: String,
    /// Types of the operands.
    pub(crate) params: Vec<&'static str>,
    /// The type of the result.
    pub(crate) result: &'static str,
    /// Whether the first operand is an address.
    pub(crate) memory: bool,
}

/// `params → result` and the instructions of that type.
const NUMERIC: &str = "\
i32 -> i32: i32.eqz i32.clz i32.ctz i32.popcnt i32.extend8_s i32.extend16_s
i64 -> i32: i64.eqz i32.wrap_i64
i64 -> i64: i64.clz i64.ctz i64.popcnt i64.extend8_s i64.extend16_s i64.extend32_s
i32 -> i64: i64.extend_i32_s i64.extend_i32_u
i32 i32 -> i32: i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr
i64 i64 -> i32: i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u
i64 i64 -> i64: i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr
f32 -> f32: f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt
f64 -> f64: f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt
f32 f32 -> f32: f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign
f64 f64 -> f64: f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign
f32 f32 -> i32: f32.eq f32.ne f32.lt f32.gt f32.le f32.ge
f64 f64 -> i32: f64.eq f64.ne f64.lt f64.gt f64.le f64.ge
f32 -> i32: i32.trunc_f32_s i32.trunc_f32_u i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.reinterpret_f32
f64 -> i32: i32.trunc_f64_s i32.trunc_f64_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u
f32 -> i64: i64.trunc_f32_s i64.trunc_f32_u i64.trunc_sat_f32_s i64.trunc_sat_f32_u
f64 -> i64: i64.trunc_f64_s i64.trunc_f64_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u i64.reinterpret_f64
i32 -> f32: f32.convert_i32_s f32.convert_i32_u f32.reinterpret_i32
i64 -> f32: f32.convert_i64_s f32.convert_i64_u
i32 -> f64: f64.convert_i32_s f64.convert_i32_u
i64 -> f64: f64.convert_i64_s f64.convert_i64_u f64.reinterpret_i64
f64 -> f32: f32.demote_f64
f32 -> f64: f64.promote_f32
i64 i64 i32 -> i64: select
v128 v128 i32 -> v128: select
v128 -> v128: v128.not i8x16.popcnt f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u f64x2.promote_low_f32x4 f32x4.demote_f64x2_zero i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u
v128 v128 -> v128: v128.and v128.or v128.xor v128.andnot i8x16.swizzle i8x16.relaxed_swizzle i32x4.dot_i16x8_s i16x8.q15mulr_sat_s i16x8.relaxed_q15mulr_s i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u
v128 v128 v128 -> v128: v128.bitselect f32x4.relaxed_madd f64x2.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_nmadd
v128 -> i32: v128.any_true
";

/// Instructions of the memory, with the type that they load or store.
const LOADS: &str = "\
i32: i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u
i64: i64.load i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u
f32: f32.load
f64: f64.load
v128: v128.load v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.load32_zero v128.load64_zero v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u
";
const STORES: &str = "\
i32: i32.store i32.store8 i32.store16
i64: i64.store i64.store8 i64.store16 i64.store32
f32: f32.store
f64: f64.store
v128: v128.store
";

/// All of them, and the module's text.
pub(crate) fn instructions() -> (Vec<Instruction>, String) {
    let mut all = Vec::new();
    let bytes: String = (0..=255).map(|byte| format!("\\{:02x}", byte * 167 % 256)).collect();
    let mut text = format!("(module (memory 1)\n(data (i32.const 0) \"{bytes}\")\n");
    let mut add = |name: String, params: &str, result: &'static str, memory: bool, after: &str| {
        let params: Vec<&'static str> = params.split(' ').map(type_name).collect();
        // Sixteen bytes are there from any address below 200.
        let operand = |at| format!("local.get {at} {}", if memory && at == 0 { "i32.const 127 i32.and " } else { "" });
        let body: String = (0..params.len()).map(operand).collect();
        let types = params.join(" ");
        let export = format!("{name} of {types}");
        writeln!(text, "(func (export \"{export}\") (param {types}) (result {result}) {body} {name} {after})").unwrap();
        all.push(Instruction { name: export, params, result, memory });
    };
    for (ty, name) in rows(NUMERIC) {
        let (params, result) = ty.split_once(" -> ").expect("a type of a function");
        add(name.to_owned(), params, type_name(result), false, "");
    }
    for (result, name) in rows(LOADS) {
        add(format!("{name} offset=3"), "i32", type_name(result), true, "");
    }
    let reload = "local.get 0 i32.const 127 i32.and v128.load offset=5";
    for (value, name) in rows(STORES) {
        add(format!("{name} offset=5"), &format!("i32 {value}"), "v128", true, reload);
    }
    for (width, lanes) in [(8, 16), (16, 8), (32, 4), (64, 2)] {
        for lane in [0, lanes - 1] {
            add(format!("v128.load{width}_lane offset=1 {lane}"), "i32 v128", "v128", true, "");
            add(format!("v128.store{width}_lane offset=5 {lane}"), "i32 v128", "v128", true, reload);
        }
    }
    for (shape, width, scalar) in [
        ("i8x16", 8, "i32"),
        ("i16x8", 16, "i32"),
        ("i32x4", 32, "i32"),
        ("i64x2", 64, "i64"),
        ("f32x4", 32, "f32"),
        ("f64x2", 64, "f64"),
    ] {
        let last = 128 / width - 1;
        add(format!("{shape}.splat"), scalar, "v128", false, "");
        for lane in [0, last] {
            for sign in if width < 32 { &["_s", "_u"][..] } else { &[""] } {
                add(format!("{shape}.extract_lane{sign} {lane}"), "v128", type_name(scalar), false, "");
            }
            add(format!("{shape}.replace_lane {lane}"), &format!("v128 {scalar}"), "v128", false, "");
        }
        let compare_s = "lt_s gt_s le_s ge_s";
        let small = "lt_u gt_u le_u ge_u min_s min_u max_s max_u";
        let saturating = "add_sat_s add_sat_u sub_sat_s sub_sat_u avgr_u";
        let is_float = shape.starts_with('f');
        let binary = match (is_float, width) {
            (true, _) => "lt gt le ge mul div min max pmin pmax relaxed_min relaxed_max".to_owned(),
            (_, 64) => format!("{compare_s} mul"),
            (_, 32) => format!("{compare_s} {small} mul"),
            (_, 16) => format!("{compare_s} {small} {saturating} mul"),
            _ => format!("{compare_s} {small} {saturating}"),
        };
        let unary = if is_float { "abs neg sqrt ceil floor trunc nearest" } else { "abs neg" };
        let mut of_shape = |names: &str, params: &str, result: &'static str| {
            for name in names.split(' ') {
                add(format!("{shape}.{name}"), params, result, false, "");
            }
        };
        of_shape("eq ne add sub", "v128 v128", "v128");
        of_shape(&binary, "v128 v128", "v128");
        of_shape(unary, "v128", "v128");
        if !is_float {
            of_shape("all_true bitmask", "v128", "i32");
            of_shape("shl shr_s shr_u", "v128 i32", "v128");
            of_shape("relaxed_laneselect", "v128 v128 v128", "v128");
        }
    }
    for (to, from) in [("i16x8", "i8x16"), ("i32x4", "i16x8"), ("i64x2", "i32x4")] {
        for end in ["low_s", "low_u", "high_s", "high_u"] {
            let (half, sign) = end.split_once('_').expect("two words");
            add(format!("{to}.extend_{half}_{from}_{sign}"), "v128", "v128", false, "");
            let product = format!("{to}.extmul_{half}_{from}_{sign}");
            add(product, "v128 v128", "v128", false, "");
        }
    }
    for lanes in ["0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "31 0 17 3 3 30 16 15 8 8 24 1 2 19 5 31"] {
        add(format!("i8x16.shuffle {lanes}"), "v128 v128", "v128", false, "");
    }
    text.push(')');
    (all, text)
}

/// Each instruction of a table, with what stands before its colon.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().flat_map(|line| {
        let (ty, names) = line.split_once(": ").expect("a type and names");
        names.split(' ').map(move |name| (ty, name))
    })
}

fn type_name(name: &str) -> &'static str {
    ["i32", "i64", "f32", "f64", "v128"].into_iter().find(|ty| *ty == name).expect("a type")
}

/// The bits of an operand of this type.
pub(crate) fn fitted(ty: &str, bits: u128) -> u128 {
    match ty {
        "i32" | "f32" => bits & u128::from(u32::MAX),
        "i64" | "f64" => bits & u128::from(u64::MAX),
        _ => bits,
    }
}
