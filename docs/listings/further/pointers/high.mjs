// A pointer above 2 GiB, as JavaScript sees it. Run in the root of the workspace.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const wasm = await WebAssembly.instantiate(await readFile('target/modules/probe.wasm'), {});
const { memory, grow, load, same_i32 } = wasm.instance.exports;

// ANCHOR: high
grow(32768); // 2 GiB more: there are addresses above 2147483647 now
const returned = same_i32(2147483648);
console.log(`the module returns ${returned}`);
try {
  new Uint8Array(memory.buffer, returned, 4);
} catch (error) {
  console.log(`as an offset it is a ${error.name}`);
}

const pointer = returned >>> 0;
console.log(`made unsigned it is ${pointer}`);
new Uint8Array(memory.buffer, pointer, 4).set([1, 2, 3, 4]);
console.log(`the module reads 0x${load(pointer).toString(16).padStart(8, '0')} there`);
// ANCHOR_END: high

assert.equal(load(pointer), 0x04030201);
