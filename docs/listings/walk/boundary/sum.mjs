// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('sum.wasm'));
const { memory, sum_at } = instance.exports;

console.log('a string:  ', sum_at('hello', 5));

// One more page of linear memory, 64 KiB. The module does not know about it, so it is ours.
const ptr = memory.grow(1) * 65536;
const bytes = new TextEncoder().encode('hello');
new Uint8Array(memory.buffer, ptr, bytes.length).set(bytes);
console.log('a pointer: ', sum_at(ptr, bytes.length));
console.log('in JS:     ', bytes.reduce((sum, byte) => sum + byte));
// ANCHOR_END: all
