//! The command line of everyhost.

fn main() {}
