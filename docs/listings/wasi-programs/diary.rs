//! A program that uses what WASI gives a program, and then asks for more.

// ANCHOR: all
use std::io::{self, Read};
use std::net::TcpStream;
use std::{env, fs, process};

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    println!("arguments: {args:?}");
    println!("environment: {:?}", env::vars().collect::<Vec<_>>());
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let lines = input.lines().count();
    fs::write("/notes/today.txt", &input)?;
    println!("wrote {lines} lines to /notes/today.txt");

    for path in ["/etc/passwd", "/notes/../../../etc/passwd", "/notes/link/passwd"] {
        println!("{path}: {}", fs::read(path).map_or("out of reach", |_| "read"));
    }
    println!("a connection: {}", TcpStream::connect("127.0.0.1:80").map_or("out of reach", |_| "made"));
    eprintln!("no more to do");
    process::exit(lines as i32)
}
// ANCHOR_END: all
