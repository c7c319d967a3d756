//! Assembles and inspects WebAssembly modules in a page of the book.
//!
//! The page writes its input to `input(len)`, calls one of the others, and reads what they leave at `output()`: each returns the
//! length of it, or minus the length of what was wrong. Nothing is kept but the hosts.

use std::cell::RefCell;

use module_inspect::fitness::Host;
use module_inspect::inspect;

/// What crosses the boundary, and what every inspection needs.
#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    hosts: Option<Vec<Host>>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Makes room for so many bytes of input and says where.
#[unsafe(no_mangle)]
pub extern "C" fn input(len: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input = vec![0; len];
        state.input.as_mut_ptr()
    })
}

/// Where the output of the last call is, until the next one.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    STATE.with_borrow(|state| state.output.as_ptr())
}

/// Takes the hosts, as `everyhost inspect --hosts` writes them.
#[unsafe(no_mangle)]
pub extern "C" fn set_hosts() -> isize {
    answer(|state| {
        state.hosts = Some(serde_json::from_slice(&state.input).map_err(|error| error.to_string())?);
        Ok(Vec::new())
    })
}

/// Text format in, module out.
#[unsafe(no_mangle)]
pub extern "C" fn assemble() -> isize {
    answer(|state| wat::parse_bytes(&state.input).map(|wasm| wasm.into_owned()).map_err(|error| error.to_string()))
}

/// Module in, lines out.
#[unsafe(no_mangle)]
pub extern "C" fn describe() -> isize {
    answer(|state| {
        let found = inspect("module".into(), &state.input, state.hosts.as_deref());
        found.map(|found| found.lines().join("\n").into_bytes()).map_err(|error| format!("{error:#}"))
    })
}

fn answer(work: impl FnOnce(&mut State) -> Result<Vec<u8>, String>) -> isize {
    STATE.with_borrow_mut(|state| {
        let (output, sign) = match work(state) {
            Ok(output) => (output, 1),
            Err(wrong) => (wrong.into_bytes(), -1),
        };
        state.output = output;
        sign * isize::try_from(state.output.len()).unwrap_or(isize::MAX)
    })
}
