//! A component that gives back what it is given, of every type that values can have; `wit/probe.wit` has its world.

#![deny(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use bindings::exports::everyhost::component_probe::{counters, echo, outcomes};
use counters::{Counter, CounterBorrow};
use echo::{Color, Person, Rights, Shape};

#[cfg(target_arch = "wasm32")]
mod lies;

/// What wit-bindgen makes of the world.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "component-probe",
        // What it writes cannot lie: `lies` is written by hand.
        skip: [
            "byte-and-more",
            "signed-byte-and-more",
            "two-for-true",
            "rights-and-more",
            "no-utf8",
            "surrogate",
            "beyond-unicode",
            "no-color",
            "no-shape",
            "no-option",
            "no-result",
            "text-beyond-memory",
            "list-beyond-memory",
            "list-beyond-addresses",
            "list-unaligned",
            "texts-beyond-memory",
            "result-beyond-memory",
            "result-unaligned",
        ],
    });

    // Its symbols are no names that another platform's linker takes.
    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    use super::Component;
}

/// Implements the world.
struct Component;

impl bindings::Guest for Component {
    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }
}

macro_rules! echo {
    ($($name:ident: $ty:ty;)+) => {
        $(fn $name(v: $ty) -> $ty {
            v
        })+
    };
}

impl echo::Guest for Component {
    echo! {
        bools: (bool, bool);
        small: (u8, i8, u16, i16);
        large: (u32, i32, u64, i64);
        letter: char;
        text: String;
        bytes: Vec<u8>;
        longs: Vec<u64>;
        texts: Vec<String>;
        lists: Vec<Vec<f32>>;
        record_of: Person;
        variant_of: Vec<Shape>;
        enum_of: Color;
        flags_of: Rights;
        option_of: Option<u32>;
        options: Option<Option<u32>>;
        results: Vec<Result<u8, String>>;
        empty_results: Vec<Result<(), ()>>;
        either: Vec<Result<u8, bool>>;
        perhaps: Vec<Result<Option<u32>, String>>;
    }

    fn floats(a: f32, b: f64) -> (f32, f64) {
        (a, b)
    }
}

impl outcomes::Guest for Component {
    fn nothing() {}

    fn divide(a: i32, b: i32) -> Result<i32, String> {
        a.checked_div(b).ok_or_else(|| format!("{a} ÷ {b}"))
    }

    fn paint(v: Color) -> Result<(), Color> {
        if v == Color::Red { Err(v) } else { Ok(()) }
    }

    fn odd_nan() -> f32 {
        f32::from_bits(0xffa0_0001)
    }

    fn trap() {
        panic!("asked to");
    }
}

static DROPPED: AtomicU32 = AtomicU32::new(0);

struct Count(Cell<u32>);

impl Drop for Count {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

impl counters::GuestCounter for Count {
    fn new(start: u32) -> Self {
        Self(Cell::new(start))
    }

    fn add(&self, n: u32) -> u32 {
        self.0.set(self.0.get().wrapping_add(n));
        self.0.get()
    }

    fn merge(a: Counter, b: CounterBorrow<'_>) -> Counter {
        let sum = a.get::<Self>().0.get().checked_add(b.get::<Self>().0.get());
        Counter::new(Self::new(sum.expect("the sum is small enough")))
    }
}

struct Other;

impl counters::GuestOtherKind for Other {
    fn new() -> Self {
        Self
    }
}

impl counters::Guest for Component {
    type Counter = Count;
    type OtherKind = Other;

    fn open(start: u32) -> Result<Counter, String> {
        if start == 0 { Err("nothing to count".into()) } else { Ok(Counter::new(Count(Cell::new(start)))) }
    }

    fn several(count: u32) -> Vec<Counter> {
        (0..count).map(|start| Counter::new(Count(Cell::new(start)))).collect()
    }

    fn value_of(c: CounterBorrow<'_>) -> u32 {
        c.get::<Count>().0.get()
    }

    fn close(c: Counter) -> u32 {
        c.get::<Count>().0.get()
    }

    fn dropped() -> u32 {
        DROPPED.load(Ordering::Relaxed)
    }
}
