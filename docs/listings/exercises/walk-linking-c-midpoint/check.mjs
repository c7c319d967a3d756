import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const some = [0, 1, 2, 3, 7, 100, 2147483646, 2147483647, -1, -2, -3, -100, -2147483647, -2147483648];
for (const a of some) {
  for (const b of some) {
    assert.equal(instance.exports.midpoint(a, b), Math.floor((a + b) / 2), `midpoint(${a}, ${b})`);
  }
}
