import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const wasm = readFileSync(process.argv[2]);
const { memory, allocate, upper } = (await WebAssembly.instantiate(wasm)).instance.exports;
for (const text of ['hello', '', 'Zebra @[`{ 1', 'x'.repeat(3_000_000)]) {
  const bytes = new TextEncoder().encode(text);
  const place = allocate(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, place);
  upper();
  assert.equal(new TextDecoder().decode(new Uint8Array(memory.buffer, place, bytes.length)), text.toUpperCase());
}
assert.ok(wasm.length < 600, `the module has ${wasm.length} bytes`);
