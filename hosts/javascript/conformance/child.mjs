// Runs calls with a deadline, and programs of WASI, in a process of its own: not every runtime can end a thread in an endless
// loop of Wasm, and a program can raise a signal. Deno starts the process in its own way.

import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { readLines } from './lines.mjs';

/** The program to start. */
export const RAW_PROCESS = fileURLToPath(new URL('raw-process.mjs', import.meta.url));

/** @type {import('./deadline.mjs').StartWorker} */
export function startProcess(hear, fail) {
  const child = spawn(process.execPath, [RAW_PROCESS], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  listen(child.stdout, hear, fail);
  // If it can't be written to, it has ended, and its stdout says so.
  child.stdin.on('error', () => {});
  return {
    begin: (work) => void child.stdin.write(lineOf(work)),
    end: () => {
      child.kill('SIGKILL');
      return closed;
    },
  };
}

/** @returns {string} what the process reads */
export function lineOf(/** @type {import('./deadline.mjs').Work} */ { bytes, ...work }) {
  return `${JSON.stringify({ wasm: Buffer.from(bytes).toString('base64'), ...work })}\n`;
}

/**
 * @param {AsyncIterable<Uint8Array>} stdout of the process
 * @param {(told: import('./deadline.mjs').Told) => void} hear
 * @param {(why: string) => void} fail
 */
export async function listen(stdout, hear, fail) {
  try {
    for await (const line of readLines(stdout)) hear(JSON.parse(line));
    fail('the process that ran the module ended');
  } catch (error) {
    fail(`${error}`);
  }
}
