// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('more.wasm'));
const { divide, same } = instance.exports;

console.log(divide(17, 5));
console.log(same('hello'), same(document => document).name || 'a function');
// ANCHOR_END: all
