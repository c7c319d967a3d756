// Calls the guest of calling-out-guard.rs, whose host throws, and prints what alive() returns afterwards.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

const host = () => {
  throw new Error('no');
};
const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), { env: { host } });
assert.equal(instance.exports.alive(), 0);
assert.throws(() => instance.exports.work(), /no/);
console.log(instance.exports.alive());
