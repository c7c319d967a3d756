//! `panics rust A B` and `panics c A B`: divides in Rust, which panics, or in C, which traps.

use std::env;
use std::panic::catch_unwind;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [language, a, b] = args.as_slice() else {
        return usage();
    };
    let (Ok(a), Ok(b)) = (a.parse::<i32>(), b.parse::<i32>()) else {
        return usage();
    };
    println!("dividing {a} by {b}");
    let quotient = catch_unwind(|| match language.as_str() {
        "rust" => Some(a / b),
        "c" => Some(c_linked_add::divide(a, b)),
        _ => None,
    });
    match quotient {
        Ok(Some(quotient)) => println!("{quotient}"),
        Ok(None) => return usage(),
        Err(_) => println!("caught a panic"),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: panics rust|c A B, where A and B are from -2147483648 to 2147483647");
    ExitCode::from(2)
}
