// The adapter in Node: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.

import { Worker } from 'node:worker_threads';

import { serve } from '../javascript/conformance/serve.mjs';

await serve({ startWorker });

/** @type {import('../javascript/conformance/deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url));
  worker.on('message', hear);
  worker.on('error', (error) => fail(String(error)));
  return { post: (work) => worker.postMessage(work), end: () => worker.terminate() };
}
