// ANCHOR: all
fn main() {
    cc::Build::new()
        .file("add.c")
        .opt_level_str("z") // in debug builds too
        .compile("add");
    println!("cargo::rerun-if-changed=add.c");
}
// ANCHOR_END: all
