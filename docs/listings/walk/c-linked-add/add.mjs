// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
console.log(instance.exports.add_numbers(2, 3));
// ANCHOR_END: all
