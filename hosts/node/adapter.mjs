// The program that the runner talks to: reads requests on stdin, asks the wrappers, answers on stdout.
// hosts/README.md is the contract.

import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

import { readLines } from './lines.mjs';
import { answering } from './requests.mjs';

/** How many instances of glue there were. */
let instances = 0;

const answer = answering({
  self: {
    host: 'node',
    version: process.versions.node,
    runtime: `V8 ${process.versions.v8}`,
    os: `${process.platform}/${process.arch}`,
  },
  // A copy, because a small file's Buffer is a view into a larger one.
  read: async (path) => Uint8Array.from(await readFile(path)),
  glue: glueLoader,
  startWorker,
});

try {
  for await (const line of readLines(process.stdin)) {
    await write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} path of the glue
 * @returns {Promise<import('./operations.mjs').NewGlue>}
 */
async function glueLoader(path) {
  const source = await readFile(path, 'utf8');
  return async (module) => {
    instances += 1;
    const glue = await import(`data:text/javascript,${encodeURIComponent(`${source}\n// instance ${instances}`)}`);
    glue.initSync({ module });
    return glue;
  };
}

/** @type {import('./deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url));
  worker.on('message', hear);
  worker.on('error', (error) => fail(String(error)));
  return { post: (work) => worker.postMessage(work), end: () => worker.terminate() };
}

/**
 * Resolves when the line is with the operating system.
 *
 * @param {string} text
 * @returns {Promise<void>}
 */
function write(text) {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
