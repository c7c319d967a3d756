// The same guest in Node. Run in the root of the workspace.

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

const module = new WebAssembly.Module(readFileSync('target/sandbox/guest.wasm'));

// ANCHOR: call
const BODY = `
  const { parentPort, workerData: { module, name, args } } = require('node:worker_threads');
  try {
    const { exports } = new WebAssembly.Instance(module, {});
    parentPort.postMessage(String(exports[name](...args)));
  } catch (error) {
    parentPort.postMessage(error.constructor.name);
  }`;

/** Calls an export in a thread of its own, which is ended if it takes too long. */
function call(name, args, milliseconds) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(BODY, { eval: true, workerData: { module, name, args } });
    const clock = setTimeout(() => {
      resolve('cut off');
      void worker.terminate();
    }, milliseconds);
    worker.once('error', reject);
    worker.once('message', (answer) => {
      clearTimeout(clock);
      resolve(answer);
    });
  });
}
// ANCHOR_END: call

console.log('peek(2**31 - 1) ', await call('peek', [2 ** 31 - 1], 5000));
console.log('deep(10**7)     ', await call('deep', [10 ** 7], 5000));
console.log('spin(), 0.1 s   ', await call('spin', [], 100));
if (process.execArgv.some((flag) => flag.startsWith('--wasm-max-mem-pages')))
  console.log('eat()           ', await call('eat', [], 5000), 'pages');
