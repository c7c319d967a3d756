// ANCHOR: load
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync('times.wasm'));
const { times_exported, times_or_minus_one } = new WebAssembly.Instance(module).exports;
// ANCHOR_END: load

// ANCHOR: check
assert.equal(times_exported(7, 2), 3);
assert.equal(times_or_minus_one(7, 2), 3n); // an i64 is a BigInt

for (const call of [times_exported, times_or_minus_one]) {
  assert.throws(() => call(7, 0), WebAssembly.RuntimeError);
  try {
    call(7, 0);
  } catch (error) {
    console.log(`${error.name}: ${error.message}`);
  }
}
assert.equal(times_exported(7, 2), 3); // as if nothing had happened
// ANCHOR_END: check
