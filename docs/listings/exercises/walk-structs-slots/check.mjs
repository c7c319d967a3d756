import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const { counter_new, counter_add, counter_free, slots } = instance.exports;
const NO_SUCH_COUNTER = -2;

const first = counter_new();
const second = counter_new();
assert.deepEqual([counter_add(first), counter_add(first), counter_add(second)], [1, 2, 1]);
assert.equal(counter_free(first), 0);
const third = counter_new();
assert.equal(slots(), 2, 'a slot is used again');
assert.equal(counter_add(first), NO_SUCH_COUNTER, 'an old number does not reach the new counter');
assert.equal(counter_free(first), NO_SUCH_COUNTER, 'and does not free it');
assert.equal(counter_add(third), 1);
assert.equal(counter_add(0xffffffff), NO_SUCH_COUNTER);
assert.equal(counter_free(third), 0);

// More counters in a row than a number of 16 bits can tell apart.
for (let count = 0; count < 70_000; count++) {
  const number = counter_new();
  assert.equal(counter_add(number), 1);
  assert.equal(counter_free(number), 0);
  assert.equal(counter_add(first), NO_SUCH_COUNTER, `an old number, after ${count} others`);
}
assert.ok(slots() <= 4, `${slots()} slots for two counters`);
assert.equal(counter_add(second), 2);
