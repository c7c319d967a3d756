#!/bin/sh
# Compiles equal.rs, and builds what else the page on constant time needs and is not there yet.
set -eu
cd "$(dirname "$0")/../../.."
mkdir -p target/constant-time
# ANCHOR: build
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O -C strip=symbols \
  docs/listings/constant-time/equal.rs -o target/constant-time/equal.wasm
# ANCHOR_END: build
[ -x target/debug/leak-check ] || cargo build --locked --quiet -p leak-check
for module in signer-raw-planted-leak signer-lanes-verifying; do
  [ -f target/fixtures/$module.wasm ] || target/debug/xtask build --module $module >/dev/null
done
