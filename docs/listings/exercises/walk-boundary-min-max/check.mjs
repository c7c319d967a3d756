import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
for (const [a, b, expected] of [
  [1, 2, [1, 2]],
  [2, 1, [1, 2]],
  [5, 5, [5, 5]],
  [-1, 1, [-1, 1]],
  [1, -1, [-1, 1]],
  [2147483647, -2147483648, [-2147483648, 2147483647]],
]) {
  assert.deepEqual(instance.exports.min_max(a, b), expected, `min_max(${a}, ${b})`);
}
