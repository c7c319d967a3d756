// The process in which calls with a deadline run: whoever set the deadline ends it. Bun cannot end a thread that is in
// an endless loop of Wasm. Reads one line, {"wasm": hex, "steps": […]}, and tells each step in a line of its own.

import { writeSync } from 'node:fs';

import { fromHex } from './bytes.mjs';
import { runTold } from './deadline.mjs';
import { readLines } from './lines.mjs';

for await (const line of readLines(Bun.stdin.stream())) {
  const { wasm, steps } = JSON.parse(line);
  await runTold({ bytes: fromHex(wasm), steps }, tell);
}

/**
 * At once: nothing that waits is done before a call that does not return.
 *
 * @param {import('./deadline.mjs').Told} told
 */
function tell(told) {
  const bytes = new TextEncoder().encode(`${JSON.stringify(told)}\n`);
  for (let done = 0; done < bytes.length;) done += writeSync(1, bytes.subarray(done));
}
