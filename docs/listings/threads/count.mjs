// Two threads and one memory. Run in the root of the workspace.

import assert from 'node:assert/strict';

import { inThreads, module, newMemory } from './pool.mjs';

// ANCHOR: count
const TIMES = 5_000_000;
const memory = newMemory();
const { atomic, plain } = new WebAssembly.Instance(module, { env: { memory } }).exports;
let rounds = 0;
while (plain() === rounds * 2 * TIMES && rounds < 50) {
  await inThreads(memory, 'count', [[TIMES], [TIMES]]);
  rounds += 1;
}
console.log('atomic: none lost:', atomic() === rounds * 2 * TIMES);
console.log('plain:  none lost:', plain() === rounds * 2 * TIMES);
// ANCHOR_END: count

assert.equal(atomic(), rounds * 2 * TIMES);
