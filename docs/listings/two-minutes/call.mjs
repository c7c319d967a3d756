// ANCHOR: all
import { readFile } from 'node:fs/promises';

const { instance } = await WebAssembly.instantiate(await readFile('add.wasm'));
console.log(instance.exports.add(2, 3));
// ANCHOR_END: all
// ANCHOR: wrong
console.log(instance.exports.add('2', 'x'));
// ANCHOR_END: wrong
