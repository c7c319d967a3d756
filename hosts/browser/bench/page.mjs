// The page's half of bench.mjs: loads what there is to load, runs the race, and gives the result.

import { sha512 } from '/bench/noble/sha2.js';
import * as noble from '/bench/noble/ed25519.js';
import { enter, messagesFor } from '/bench/contestants.mjs';
import { race } from '/bench/race.mjs';
import { resultOf } from '/bench/result.mjs';
import { fromHex } from '/bytes.mjs';

/** How often progress is told, at most: telling it takes time from whoever is running. */
const PROGRESS_EVERY_MS = 1000;

/**
 * @param {import('../../node/bench/result.mjs').Config} config where modules and glue are URLs
 * @param {Record<string, string>} versions of the npm packages
 */
async function bench(config, versions) {
  const { nacl, sodium, tellProgress } = /** @type {any} */ (globalThis);
  await sodium.ready;
  /** @type {Record<string, Uint8Array<ArrayBuffer>>} */
  const modules = {};
  for (const [name, url] of Object.entries(config.modules)) modules[name] = await bytesOf(url);
  const loadGlue = async (/** @type {WebAssembly.Module} */ module) => {
    const glue = await import(config.glue);
    glue.initSync({ module });
    return glue;
  };
  const { contestants, missing } = await enter({
    keypair: fromHex(config.keypair),
    modules,
    loadGlue,
    libraries: { nacl, noble, sha512, sodium, versions },
  });
  let told = 0;
  const settings = {
    messages: messagesFor(config.messages),
    rounds: config.rounds,
    warmUpMs: config.warm_up_ms,
    sliceMs: config.slice_ms,
  };
  const lanes = await race(contestants, settings, (done, of, what) => {
    if (performance.now() - told < PROGRESS_EVERY_MS && done < of) return;
    told = performance.now();
    tellProgress(done, of, what);
  });
  const version = /Chrome\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? 'of an unknown version';
  return resultOf(lanes, missing, { version: `Chromium ${version}`, runtime: 'V8' });
}

/** @param {string} url */
async function bytesOf(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url}: ${(await response.text()).trim()}`);
  return new Uint8Array(await response.arrayBuffer());
}

Object.assign(globalThis, { bench });
