// The worker of `lanes`: loads the modules, says which of them this browser can use, and signs with all of them in turns.

import { toHex } from './conformance/bytes.mjs';
import { PUBLISHED_KEY } from './conformance/published.mjs';
import { Signer } from './signer/signer.mjs';
import { load } from './ui.mjs';

/** In the order of the bars. What a module needs beyond the first version of WebAssembly. */
const MODULES = [
  { name: 'signer-raw', needs: '' },
  { name: 'signer-raw-simd', needs: 'SIMD' },
  { name: 'signer-lanes', needs: 'SIMD' },
  { name: 'signer-lanes-relaxed', needs: 'relaxed SIMD' },
];
/** Rounds that count, after one that does not: in it the engine compiles. */
const ROUNDS = 5;

/**
 * What the worker says, one after the other; `error` ends it.
 *
 * @typedef {{ modules: { name: string, refused?: string }[] } | { size: number, times: Record<string, number> }
 *   | { done: number } | { error: string }} Said
 */

/** @param {Said} said */
const say = (said) => self.postMessage(said);

/** @type {Map<string, Signer>} */
const usable = new Map();

/** @returns {Promise<{ name: string, refused?: string }>} */
async function entered(/** @type {{ name: string, needs: string }} */ { name, needs }) {
  const bytes = await (await load(new URL(`../modules/${name}.wasm`, import.meta.url))).arrayBuffer();
  let module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, refused: needs ? `this browser refuses it: it needs ${needs} (${why})` : why };
  }
  try {
    usable.set(name, new Signer(module, PUBLISHED_KEY));
  } catch (error) {
    if (/** @type {any} */ (error).code !== 'SELF_TEST_FAILED') throw error;
    return { name, refused: 'it refuses to work here: it signed its known answer wrongly (SELF_TEST_FAILED)' };
  }
  return { name };
}

/**
 * @param {Signer} signer
 * @param {Uint8Array[]} messages a batch; one of one message is signed as that message
 */
function signAll(signer, messages) {
  return messages.length === 1 ? [signer.sign(messages[0])] : signer.signMany(messages);
}

/**
 * @param {Uint8Array[]} messages
 * @param {number} size of a batch
 */
function race(messages, size) {
  const names = [...usable.keys()];
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    /** @type {Map<string, string>} */
    const signed = new Map();
    // Each round begins with another one, so that whatever else the machine does falls on all alike.
    for (let n = 0; n < names.length; n += 1) {
      const name = names[(n + round) % names.length];
      const signer = /** @type {Signer} */ (usable.get(name));
      /** @type {Uint8Array[]} */
      const signatures = [];
      const began = performance.now();
      for (let at = 0; at < messages.length; at += size) {
        signatures.push(...signAll(signer, messages.slice(at, at + size)));
      }
      if (round > 0) times[name].push((1000 * (performance.now() - began)) / messages.length);
      signed.set(name, signatures.map(toHex).join(''));
    }
    for (const [name, signatures] of signed) {
      if (signatures !== signed.get(names[0])) throw new Error(`${name} signs otherwise than ${names[0]} does`);
    }
    if (round > 0)
      say({ size, times: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])) });
  }
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

self.addEventListener('message', async ({ data: { count, sizes } }) => {
  try {
    if (usable.size === 0) {
      const modules = [];
      for (const module of MODULES) modules.push(await entered(module));
      say({ modules });
    }
    const messages = Array.from({ length: count }, (_, n) => new TextEncoder().encode(`hello${n}`));
    for (const size of sizes) race(messages, size);
    say({ done: count });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
});
