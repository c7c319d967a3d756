// What becomes of a view of linear memory when memory grows. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const module = await WebAssembly.compile(await readFile('target/modules/probe.wasm'));

// ANCHOR: stale
const { memory, grow, store } = new WebAssembly.Instance(module, {}).exports;
const view = new Uint8Array(memory.buffer, 1024, 4);
console.log(`before: ${memory.buffer.byteLength / 65536} page, the view has ${view.length} bytes`);

grow(1);
store(1024, 0x04030201);
console.log(`after:  the old view has ${view.length} bytes, view[0] is ${view[0]}`);

view[0] = 9; // no error, and nothing is written
const fresh = new Uint8Array(memory.buffer, 1024, 4);
console.log(`a new view has ${fresh.length} bytes: ${fresh.join(', ')}`);
// ANCHOR_END: stale

assert.deepEqual([...fresh], [1, 2, 3, 4]);

// ANCHOR: order
const signer = await WebAssembly.instantiate(await readFile('target/modules/signer-raw.wasm'), {});
const { memory: signerMemory, allocate_message } = signer.instance.exports;
const pages = () => signerMemory.buffer.byteLength / 65536;
for (const length of [5, 1 << 16, 1 << 20, 1 << 24, (1 << 24) + 1]) {
  const before = pages();
  const pointer = allocate_message(length) >>> 0; // memory may grow in here
  console.log(`allocate_message(${length}): pages +${pages() - before}${pointer === 0 ? ', refused' : ''}`);
}
// ANCHOR_END: order
