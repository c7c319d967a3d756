// Runs an export of one module in several threads that share its memory.

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

export const module = new WebAssembly.Module(readFileSync('target/threads/shared.wasm'));

// ANCHOR: memory
/** What all threads of one group have: 64 pages at most, because the module says so. */
export const newMemory = () => new WebAssembly.Memory({ initial: 17, maximum: 64, shared: true });
// ANCHOR_END: memory

// ANCHOR: worker
const BODY = `
  const { parentPort, workerData: { module, memory, name, args, stack } } = require('node:worker_threads');
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (stack) exports.__stack_pointer.value = stack;
  parentPort.postMessage(exports[name](...args));`;

/** Calls an export in each of several threads at once: one for each list of arguments. */
export async function inThreads(memory, name, lists, { ownStacks = true } = {}) {
  const exports = lists.map((args, index) => {
    const stack = ownStacks ? newStack(memory, index) : undefined;
    return new Promise((resolve, reject) => {
      const worker = new Worker(BODY, { eval: true, workerData: { module, memory, name, args, stack } });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  });
  return Promise.all(exports);
}
// ANCHOR_END: worker

// ANCHOR: stack
/** The upper end of a page for the stack of one thread, in memory that nothing else uses. */
function newStack(memory, index) {
  const first = 17; // the module's own pages are below
  while (memory.buffer.byteLength < (first + index + 1) * 65536) memory.grow(1);
  return (first + index + 1) * 65536;
}
// ANCHOR_END: stack
