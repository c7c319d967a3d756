// Runs calls with a deadline in a process of its own, for runtimes that can't end a thread in an endless loop of Wasm.
// How a process is started is the adapter's business.

import { fileURLToPath } from 'node:url';

import { toHex } from './bytes.mjs';
import { readLines } from './lines.mjs';

/** The program to start. */
export const RAW_PROCESS = fileURLToPath(new URL('raw-process.mjs', import.meta.url));

/**
 * @param {object} child a process of that program
 * @param {AsyncIterable<Uint8Array>} child.stdout
 * @param {(line: string) => unknown} child.write to its stdin
 * @param {() => Promise<unknown>} child.kill resolves when it has ended
 * @param {(told: import('./deadline.mjs').Told) => void} hear
 * @param {(why: string) => void} fail
 * @returns {import('./deadline.mjs').RawWorker}
 */
export function workerIn({ stdout, write, kill }, hear, fail) {
  listen(stdout, hear).then(
    () => fail('the process for calls with a deadline ended'),
    (error) => fail(`${error}`),
  );
  return { post: ({ bytes, steps }) => write(`${JSON.stringify({ wasm: toHex(bytes), steps })}\n`), end: kill };
}

/**
 * @param {AsyncIterable<Uint8Array>} stdout
 * @param {(told: import('./deadline.mjs').Told) => void} hear
 */
async function listen(stdout, hear) {
  for await (const line of readLines(stdout)) hear(JSON.parse(line));
}
