#!/bin/sh
# Transpiles the signer to target/components, with the jco that `make modules` installs.
set -eu
cd "$(dirname "$0")/../../.."
out=target/components
rm -rf "$out"
mkdir -p "$out"
ln -s ../tools/npm/node_modules "$out/node_modules"
cp docs/listings/components/transpile.mjs docs/listings/components/host.mjs "$out"
node "$out/transpile.mjs" target/modules/signer-component.wasm signer "$out"
