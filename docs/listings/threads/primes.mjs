// The same work in one thread and in two. Run in the root of the workspace.

import assert from 'node:assert/strict';

import { inThreads, module, newMemory } from './pool.mjs';

// ANCHOR: primes
async function time(threads) {
  const memory = newMemory();
  const start = performance.now();
  await inThreads(memory, 'primes_below', Array(threads).fill([1_000_000]));
  const took = performance.now() - start;
  const { found } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  assert.equal(found(), 78_498);
  return took;
}

const best = [Infinity, Infinity];
for (let round = 0; round < 5; round += 1)
  for (const threads of [1, 2]) best[threads - 1] = Math.min(best[threads - 1], await time(threads));
console.log(`one thread:  ${best[0].toFixed(0)} ms, starting it included`);
console.log(`two threads: ${best[1].toFixed(0)} ms`);
// ANCHOR_END: primes
