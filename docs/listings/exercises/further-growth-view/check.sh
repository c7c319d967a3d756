#!/bin/sh
# check.sh DIR: solved if DIR/echo.mjs gets its number back after memory has grown.
set -eu
exec node --input-type=module --eval '
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
const { echoAcrossGrowth } = await import(pathToFileURL(path.resolve(process.argv[1], "echo.mjs")));
const module = new WebAssembly.Module(readFileSync("target/modules/probe.wasm"));
for (const value of [1, 0xffffffff]) {
  const exports = new WebAssembly.Instance(module, {}).exports;
  assert.equal(echoAcrossGrowth(exports, value), value);
  assert.equal(exports.memory.buffer.byteLength, 2 * 65536, "memory must grow all the same");
}
' "$1"
