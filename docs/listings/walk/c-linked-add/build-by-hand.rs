// ANCHOR: all
fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    println!("cargo::rustc-link-search=native={here}");
    println!("cargo::rustc-link-lib=static=add");
    println!("cargo::rerun-if-changed=libadd.a");
}
// ANCHOR_END: all
