import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { pick } = (await WebAssembly.instantiate(readFileSync(process.argv[2]))).instance.exports;
for (let index = 0; index < 64; index += 1) assert.equal(pick(index), (index * index + 7) % 256, `byte ${index}`);
