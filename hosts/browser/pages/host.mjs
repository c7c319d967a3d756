// The page's half of the adapter. `run` takes one request of the protocol and gives its reply; every module is
// fetched, hashed, compiled and called here, in the page. A module's `path` and `glue` are URLs.

import { KeptWorker } from '../../javascript/conformance/deadline.mjs';
import { answering } from '../../javascript/conformance/requests.mjs';

/** How many instances of glue there were. */
let instances = 0;
const [, engine, version = 'unknown'] = /(Chrome|Firefox)\/([\d.]+)/.exec(navigator.userAgent) ?? [];
const browser = engine === 'Chrome' ? 'Chromium' : (engine ?? 'unknown');

export const run = answering({
  self: { host: 'browser', version, runtime: `${browser} ${version}`, os: navigator.platform },
  read,
  glue: async (url) => glueLoader(url),
  worker: new KeptWorker(startWorker),
});

/** @param {string} url */
async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url}: ${(await response.text()).trim()}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} url of the glue
 * @returns {import('../../javascript/conformance/operations.mjs').NewGlue}
 */
function glueLoader(url) {
  return async (module) => {
    instances += 1;
    const glue = await import(`${url}?instance=${instances}`);
    // That of a component is given its modules for each instance.
    if (module) glue.initSync({ module });
    return glue;
  };
}

/** @type {import('../../javascript/conformance/deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const worker = new Worker('raw-worker.mjs', { type: 'module' });
  worker.addEventListener('message', ({ data }) => hear(data));
  worker.addEventListener('error', ({ message }) => fail(message ?? 'the worker could not start'));
  return { begin: (work) => worker.postMessage(work), end: () => worker.terminate() };
}

Object.assign(globalThis, { run });
