// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('pointers.wasm'));
const { counter_new, counter_add, counter_free } = instance.exports;

const first = counter_new();
counter_free(first);
const second = counter_new();
console.log('through the freed pointer:', counter_add(first));
console.log('the second counter, used once:', counter_add(second));
// ANCHOR_END: all
