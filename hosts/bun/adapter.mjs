// The adapter in Bun: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.
//
//   bun run adapter.mjs

import process from 'node:process';

import { RAW_PROCESS, workerIn } from '../javascript/conformance/child.mjs';
import { serve } from '../javascript/conformance/serve.mjs';

await serve({ startWorker, importAnew });

/** @type {import('../javascript/conformance/deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const child = Bun.spawn([process.execPath, 'run', RAW_PROCESS], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
  const write = (/** @type {string} */ line) => {
    child.stdin.write(line);
    child.stdin.flush();
  };
  const kill = () => {
    child.kill('SIGKILL');
    return child.exited;
  };
  return workerIn({ stdout: child.stdout, write, kill }, hear, fail);
}

/**
 * By an object URL: Bun keeps a file's module whatever its query is, and does not decode a long `data:` URL as a module.
 *
 * @param {string} source of the glue
 */
async function importAnew(source) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
