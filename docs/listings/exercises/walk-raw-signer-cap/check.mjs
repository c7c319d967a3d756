import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const { memory, allocate, sum } = instance.exports;
const MIB = 1 << 20;

assert.notEqual(allocate(0), 0, 'a length of 0 has an address too');
assert.equal(sum(), 0);
const ptr = allocate(MIB);
assert.notEqual(ptr, 0, '1 MiB is allowed');
new Uint8Array(memory.buffer, ptr, MIB).fill(1);
assert.equal(sum(), MIB);
for (const length of [MIB + 1, 0x7fffffff, 0xffffffff]) {
  assert.equal(allocate(length), 0, `${length} bytes are refused`);
  assert.equal(sum(), MIB, 'and the last buffer is still there');
}
