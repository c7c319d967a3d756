import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

const LIMIT = 600_000;
const CALLS = 400_000; // of each of two threads: not all get a ticket
const BODY = `
  const { parentPort, workerData: { module, memory } } = require('node:worker_threads');
  const { take } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  let [count, sum] = [0, 0];
  for (let call = 0; call < ${CALLS}; call += 1) {
    const ticket = take(${LIMIT});
    if (ticket >= 0) [count, sum] = [count + 1, sum + ticket];
  }
  parentPort.postMessage({ count, sum });`;

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
// A race is lost sometimes, and not always.
for (let round = 0; round < 10; round += 1) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(BODY, { eval: true, workerData: { module, memory } });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const [one, other] = await Promise.all([run(), run()]);
  assert.equal(one.count + other.count, LIMIT, 'tickets given');
  assert.equal(one.sum + other.sum, (LIMIT * (LIMIT - 1)) / 2, 'each of them once');
  assert.equal(new Uint32Array(memory.buffer)[0], LIMIT, 'and the number of them is right');
}
