//! WASI preview 1 without a system: what its functions answer is the same each time. wasi.wat has most of them.

use std::fmt::Write as _;

use wasmparser::{FuncType, ValType};

use super::glue::stores;
use crate::imports::{Import, OLD_WASI, WASI};

/// The functions that do something, with their parameters: `i` is an i32, `I` an i64. All but `proc_exit` return an
/// errno.
pub(super) const FUNCTIONS: [(&str, &str); 13] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("fd_fdstat_get", "ii"),
    ("fd_prestat_get", "ii"),
    ("fd_read", "iiii"),
    ("fd_write", "iiii"),
    ("proc_exit", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
];

/// Whether it is a function of WASI.
pub(super) fn is_wasi(import: &Import) -> bool {
    import.is_function() && [WASI, OLD_WASI].contains(&import.module.as_str())
}

/// The function of this name and type that is built in.
pub(super) fn built_in(name: &str, ty: &FuncType) -> Option<&'static str> {
    let (name, params) = FUNCTIONS.iter().find(|(built_in, _)| *built_in == name)?;
    let is = |(letter, ty): (char, &ValType)| *ty == if letter == 'i' { ValType::I32 } else { ValType::I64 };
    let fits = ty.params().len() == params.len()
        && params.chars().zip(ty.params()).all(is)
        && (*name == "proc_exit" && ty.results().is_empty() || returns_errno(ty) && *name != "proc_exit");
    fits.then_some(*name)
}

/// Whether it can say that there is no such function.
pub(super) fn returns_errno(ty: &FuncType) -> bool {
    ty.results() == [ValType::I32]
}

/// What the program is started with.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) args: Vec<String>,
    pub(super) env: Vec<String>,
}

impl Environment {
    /// WAT of the four functions that tell it.
    pub(super) fn wat(&self) -> String {
        strings("args", &self.args) + &strings("environ", &self.env)
    }
}

fn strings(name: &str, list: &[String]) -> String {
    let mut pointers = String::new();
    let mut text = Vec::new();
    for (at, string) in list.iter().enumerate() {
        let _ = write!(
            pointers,
            "(i32.store offset={} (local.get $list) (i32.add (local.get $text) (i32.const {})))",
            4 * at,
            text.len()
        );
        text.extend(string.as_bytes());
        text.push(0);
    }
    format!(
        "(func ${name}_get (param $list i32) (param $text i32) (result i32) {pointers}{} (i32.const 0))
        (func ${name}_sizes_get (param $count i32) (param $len i32) (result i32)
          (i32.store (local.get $count) (i32.const {})) (i32.store (local.get $len) (i32.const {})) (i32.const 0))\n",
        stores("(local.get $text)", 0, &text),
        list.len(),
        text.len()
    )
}
