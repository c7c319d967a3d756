// The half of an adapter that Node, Deno and Bun share: requests on stdin, replies on stdout. hosts/CONTRACT.md is the
// contract.

import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { startProcess } from './child.mjs';
import { KeptWorker } from './deadline.mjs';
import { readLines } from './lines.mjs';
import { answering } from './requests.mjs';
import { RUNTIME } from './runtime.mjs';

/**
 * Answers the lines of stdin, until it ends.
 *
 * @param {object} host
 * @param {import('./deadline.mjs').StartWorker} [host.startWorker]
 * @param {(source: string) => Promise<any>} [host.importAnew] makes a new module of JavaScript that was imported before
 */
export async function serve({ startWorker = startProcess, importAnew = importData }) {
  const worker = new KeptWorker(startWorker);
  const answer = answering({
    self: {
      host: RUNTIME.host,
      version: RUNTIME.version,
      runtime: RUNTIME.engine,
      os: `${process.platform}/${process.arch}`,
    },
    // A copy, because a small file's Buffer is a view into a larger one.
    read: async (path) => Uint8Array.from(await readFile(path)),
    glue: async (path) => glueLoader(await readFile(path, 'utf8'), importAnew),
    worker,
  });
  try {
    for await (const line of readLines(process.stdin)) {
      await write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    }
    await worker.end();
  } catch (error) {
    console.error(`adapter: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. For another instance the glue itself is
 * loaded again.
 *
 * @param {string} source of the glue
 * @param {(source: string) => Promise<any>} importAnew
 * @returns {import('./operations.mjs').NewGlue}
 */
function glueLoader(source, importAnew) {
  return async (module) => {
    const glue = await importAnew(source);
    // That of a component is given its modules for each instance.
    if (module) glue.initSync({ module });
    return glue;
  };
}

let imports = 0;

/** Under a URL that was not seen before. */
function importData(/** @type {string} */ source) {
  imports += 1;
  return import(`data:text/javascript,${encodeURIComponent(`${source}\n// import ${imports}`)}`);
}

/**
 * Resolves when the line is with the operating system.
 *
 * @returns {Promise<void>}
 */
function write(/** @type {string} */ text) {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
