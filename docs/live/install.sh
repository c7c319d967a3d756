#!/usr/bin/env bash
# Puts what the live parts load beside a built book: `docs/live/install.sh BOOK`, as `make book` does. README.md lists it.
set -euo pipefail
[ $# = 1 ] || { echo "usage: docs/live/install.sh BOOK" >&2; exit 2; }
mkdir -p "$1"/live/{conformance,signer,vendor} "$1/modules"
book=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# put HINT FOLDER FILE…
put() {
  cp "${@:3}" "$book/$2" || { echo "live: $3 cannot be copied; $1" >&2; exit 1; }
}
put "check out docs/live again" live docs/live/*.mjs docs/live/live.css
put "check out hosts/javascript again" live/signer hosts/javascript/signer/*.mjs
put "check out hosts/javascript again" live/conformance hosts/javascript/conformance/{bytes,published,wasm-types}.mjs
put "make setup gets it" live/vendor hosts/javascript/node_modules/tweetnacl/nacl-fast.min.js
put "make modules builds it" modules target/modules/{signer-raw,signer-raw-simd,signer-lanes,signer-lanes-relaxed}.wasm \
  target/modules/{signer-small,signer-small-fast,signer-small-sign,signer-component-core,verifier-lanes,verifier-lanes-relaxed,add-raw}.wasm

# The module of the page on panics, with its stack pointer for the page to read.
rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O -C strip=symbols -C link-arg=--export=__stack_pointer \
  -o "$book/modules/times.wasm" docs/listings/walk/panics/times.rs

# Assembles and inspects in the page. Without names, which are half of it.
cargo build --locked --quiet --profile wasm --target wasm32-unknown-unknown -p playground --config profile.wasm.strip=true
put "cargo builds it" live "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/wasm/playground.wasm"
"${CARGO_TARGET_DIR:-target}/debug/everyhost" inspect --hosts >"$book/live/hosts.json"

# Without what no part shows: the results alone are megabytes.
node --input-type=module --eval '
  import { existsSync, readFileSync } from "node:fs";
  const file = "target/report/report.json";
  const { schema, results, suites, differences, ...shown } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { schema: null };
  if (schema && schema !== "everyhost/report/1") throw new Error(`${file}: its schema is ${schema}, which is not known here`);
  console.log(JSON.stringify(schema ? shown : null));
' >"$book/live/report.json"
