// The adapter in Deno: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.
//
//   deno run --allow-read --allow-run=PATH-OF-DENO adapter.mjs
//
// It reads modules. For calls with a deadline it runs Deno itself, without any permission.

import { RAW_PROCESS, workerIn } from '../javascript/conformance/child.mjs';
import { serve } from '../javascript/conformance/serve.mjs';

await serve({ startWorker });

/**
 * Not by node:child_process, which needs to read the environment.
 *
 * @type {import('../javascript/conformance/deadline.mjs').StartWorker}
 */
function startWorker(hear, fail) {
  const args = ['run', '--no-prompt', RAW_PROCESS];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: 'piped', stdout: 'piped' }).spawn();
  const stdin = child.stdin.getWriter();
  // If it can't be written to, it has ended, and its stdout says so.
  const write = (/** @type {string} */ line) => stdin.write(new TextEncoder().encode(line)).catch(() => {});
  const kill = () => {
    child.kill('SIGKILL');
    return child.status;
  };
  return workerIn({ stdout: child.stdout, write, kill }, hear, fail);
}
