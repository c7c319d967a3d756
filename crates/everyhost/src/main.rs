//! The command line of everyhost.

use std::process::ExitCode;

fn main() -> ExitCode {
    everyhost::main()
}
