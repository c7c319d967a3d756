// The page's half of bench.mjs: loads what there is to load, and answers.

import { sha512 } from '/bench/noble/sha2.js';
import * as noble from '/bench/noble/ed25519.js';
import { Program } from '../../javascript/conformance/bench/program.mjs';

/** @type {Promise<Program>} */
let program;

/** @param {Record<string, string>} versions of the npm packages */
async function make(versions) {
  const { nacl, sodium } = /** @type {any} */ (globalThis);
  await sodium.ready;
  const [, name, number] = /(Chrome|Firefox)\/([\d.]+)/.exec(navigator.userAgent) ?? [];
  const engines = {
    Chrome: { version: `Chromium ${number}`, runtime: 'V8' },
    Firefox: { version: `Firefox ${number}`, runtime: 'SpiderMonkey' },
  };
  const engine = engines[/** @type {keyof engines} */ (name)] ?? { version: navigator.userAgent, runtime: 'unknown' };
  return new Program({
    ...engine,
    read: bytesOf,
    loadGlue: (glue) => import(glue),
    libraries: { nacl, noble, sha512, sodium, versions },
  });
}

/** @param {string} url */
async function bytesOf(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url}: ${(await response.text()).trim()}`);
  return new Uint8Array(await response.arrayBuffer());
}

Object.assign(globalThis, {
  ready: async (/** @type {Record<string, string>} */ versions) => {
    program = make(versions);
    await program;
  },
  bench: async (/** @type {any} */ request) => (await program).answer(request),
});
