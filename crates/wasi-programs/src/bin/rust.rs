//! `wasi-rust [IN OUT]`: says what `GREETING` is in its environment, and shouts what it reads: stdin to stdout, and the
//! file IN to the file OUT. c/wasi.c is the same in C.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> io::Result<ExitCode> {
    if let Ok(greeting) = env::var("GREETING") {
        writeln!(io::stdout(), "{greeting}")?;
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    io::stdout().write_all(&bytes.to_ascii_uppercase())?;

    let args: Vec<String> = env::args().skip(1).collect();
    let code = match args.as_slice() {
        [] => 0,
        [input, output] => match fs::read(input).and_then(|bytes| fs::write(output, bytes.to_ascii_uppercase())) {
            Ok(()) => 0,
            Err(_) => {
                writeln!(io::stderr(), "cannot copy {input} to {output}")?;
                2
            }
        },
        _ => {
            writeln!(io::stderr(), "usage: [IN OUT]")?;
            64
        }
    };
    Ok(ExitCode::from(code))
}
