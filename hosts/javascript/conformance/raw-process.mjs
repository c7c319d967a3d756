// The process that child.mjs starts, and kills at the deadline. Reads one line, {"wasm": base64, "steps": […]} or
// {"wasm": base64, "wasi": {…}}, and writes a line for each step, and one for the end.

import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import process from 'node:process';

import { runTold } from './deadline.mjs';
import { readLines } from './lines.mjs';

// Node and Deno warn that their WASI is an experiment, and Bun's prints what it stumbles over to stdout.
process.removeAllListeners('warning');
console.log = console.error;

for await (const line of readLines(process.stdin)) {
  const { wasm, ...work } = JSON.parse(line);
  const bytes = new Uint8Array(Buffer.from(wasm, 'base64'));
  await runTold({ bytes, ...work }, tell, async (given) => (await import('./node-wasi.mjs')).newWasi(given));
}

/** Synchronously: the next call may not return. */
function tell(/** @type {import('./deadline.mjs').Told} */ told) {
  const bytes = new TextEncoder().encode(`${JSON.stringify(told)}\n`);
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes.subarray(done));
    } catch (error) {
      // The pipe is full, and Node made it one that does not wait.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
