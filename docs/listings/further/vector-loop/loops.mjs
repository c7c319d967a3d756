// Calls the loops, compiled without and with SIMD, and compares what they give and how long they take.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const LEN = 1024;

// ANCHOR: load
async function load(name, fill) {
  const { instance } = await WebAssembly.instantiate(await readFile(`target/vector-loop/${name}.wasm`));
  const numbers = (pointer) => new Float64Array(instance.exports.memory.buffer, pointer, LEN);
  const [a, b] = [numbers(instance.exports.a()), numbers(instance.exports.b())];
  for (let i = 0; i < LEN; i += 1) [a[i], b[i]] = fill(i);
  return { ...instance.exports, values: b };
}
// ANCHOR_END: load

// ANCHOR: sums
const KINDS = {
  'whole numbers': (i) => [i - 500, 3 * i + 1],
  tenths: (i) => [(i - 500) / 10, (3 * i + 1) / 10],
};
for (const [kind, fill] of Object.entries(KINDS)) {
  const [scalar, vector] = [await load('scalar', fill), await load('vector', fill)];
  console.log(`${kind}: ${scalar.dot()} in order, ${vector.dot_by_hand()} in two sums`);
  assert.equal(vector.dot(), scalar.dot());
  scalar.add_thrice();
  vector.add_thrice();
  assert.deepEqual(vector.values, scalar.values);
}
// ANCHOR_END: sums

const ROUNDS = 41;
const CALLS = 4000;

/** Microseconds a call, in the fastest round: whatever else the machine does only adds time. All take turns. */
function race(contestants) {
  const times = contestants.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    contestants.forEach((call, which) => {
      const began = performance.now();
      for (let n = 0; n < CALLS; n += 1) call();
      times[which].push((1000 * (performance.now() - began)) / CALLS);
    });
  }
  return times.map((each) => Math.min(...each));
}

const [scalar, vector] = [await load('scalar', KINDS['whole numbers']), await load('vector', KINDS['whole numbers'])];
const named = {
  'add_thrice, compiled without SIMD': scalar.add_thrice,
  'add_thrice, compiled with it': vector.add_thrice,
  'dot, compiled without SIMD': scalar.dot,
  'dot, compiled with it': vector.dot,
  'dot, SIMD by hand': vector.dot_by_hand,
};
const times = race(Object.values(named));
Object.keys(named).forEach((name, at) => console.log(`${name.padEnd(37)} ${times[at].toFixed(2).padStart(5)} µs`));
