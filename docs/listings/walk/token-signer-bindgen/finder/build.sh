# ANCHOR: all
set -e
cargo build --quiet --release --target wasm32-unknown-unknown -p finder
cargo run --quiet -p glue -- ../target/wasm32-unknown-unknown/release/finder.wasm pkg
# ANCHOR_END: all
