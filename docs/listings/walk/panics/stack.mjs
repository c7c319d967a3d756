// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('times.wasm'));
const { times_exported } = instance.exports;

let panics = 0;
let last;
while (panics < 1_000_000) {
  try {
    times_exported(7, 0);
  } catch (error) {
    if (last && error.message !== last) {
      console.log(`after ${panics} panics: ${error.message}`);
      break;
    }
    last = error.message;
    panics += 1;
  }
}
if (panics === 1_000_000) console.log('a million panics, all the same');
// ANCHOR_END: all
