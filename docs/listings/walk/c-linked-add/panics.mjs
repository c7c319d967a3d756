// ANCHOR: load
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync('c_linked_add.wasm'));
const load = () => new WebAssembly.Instance(module).exports;
// ANCHOR_END: load

// ANCHOR: check
const { times_exported } = load();
assert.equal(times_exported(7, 2), 3);
assert.throws(() => times_exported(7, 0), WebAssembly.RuntimeError);

try {
  times_exported(7, 0);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
assert.equal(times_exported(7, 2), 3); // as if nothing had happened
// ANCHOR_END: check
