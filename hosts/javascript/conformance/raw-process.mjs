// The process that child.mjs starts, and kills at the deadline. Reads one line, {"wasm": hex, "steps": […]}, and writes
// a line for each step.

import { writeSync } from 'node:fs';
import process from 'node:process';

import { fromHex } from './bytes.mjs';
import { runTold } from './deadline.mjs';
import { readLines } from './lines.mjs';

for await (const line of readLines(process.stdin)) {
  const { wasm, steps } = JSON.parse(line);
  await runTold({ bytes: fromHex(wasm), steps }, tell);
}

/** Synchronously: the next call may not return. */
function tell(/** @type {import('./deadline.mjs').Told} */ told) {
  const bytes = new TextEncoder().encode(`${JSON.stringify(told)}\n`);
  for (let done = 0; done < bytes.length;) done += writeSync(1, bytes.subarray(done));
}
