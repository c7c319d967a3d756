// Signs every message three times, and compares. The signers take turns at each chunk of messages, in an order that
// rotates, so that whatever else the machine does falls on all of them alike.

import '/vendor/tweetnacl/nacl-fast.min.js';
import { chapterLoop } from '../../javascript/conformance/bench/contestants.mjs';
import init, { sign_message } from './pkg/token_signer.js';

/** Messages in a chunk: enough for the clock, few enough for a smooth progress bar. */
const CHUNK = 20;

/**
 * @typedef {{ type: 'progress', done: number }} Progress
 * @typedef {{ name: string, totalMs: number, medianUs: number }} Timing
 * @typedef {{ type: 'done', count: number, timings: Timing[], pairs: { names: [string, string], equal: number }[],
 *   first: Uint8Array }} Done
 * @typedef {{ type: 'failed', message: string }} Failed
 */

addEventListener('message', async ({ data: { count, key } }) => {
  try {
    postMessage(await compare(count, key));
  } catch (error) {
    postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});

/**
 * @param {number} count of messages
 * @param {Uint8Array} key
 * @returns {Promise<Done>}
 */
async function compare(count, key) {
  const { nacl } = /** @type {any} */ (globalThis);
  await init();
  const { instance } = await WebAssembly.instantiateStreaming(fetch('/modules/signer-raw.wasm'), {});
  /** @type {[string, (message: Uint8Array) => Uint8Array][]} */
  const signers = [
    ['raw module', chapterLoop(instance, key)],
    ['wasm-bindgen module', (message) => sign_message(message, key)],
    ['tweetnacl', (message) => nacl.sign.detached(message, key)],
  ];
  const encoder = new TextEncoder();
  const messages = Array.from({ length: count }, (_, n) => encoder.encode(`hello${n}`));
  /** @type {Uint8Array[][]} */
  const signatures = signers.map(() => []);
  /** @type {number[][]} of each signer, the milliseconds of each chunk */
  const chunks = signers.map(() => []);

  for (let start = 0, turn = 0; start < count; start += CHUNK, turn += 1) {
    const chunk = messages.slice(start, start + CHUNK);
    for (let place = 0; place < signers.length; place += 1) {
      const which = (place + turn) % signers.length;
      const sign = signers[which][1];
      const began = performance.now();
      const signed = chunk.map(sign);
      chunks[which].push((performance.now() - began) / chunk.length);
      signatures[which].push(...signed);
    }
    postMessage({ type: 'progress', done: Math.min(start + CHUNK, count) });
  }
  return {
    type: 'done',
    count,
    timings: signers.map(([name], which) => ({
      name,
      totalMs: chunks[which].reduce((sum, ms, index) => sum + ms * Math.min(CHUNK, count - index * CHUNK), 0),
      medianUs: 1000 * chunks[which].toSorted((a, b) => a - b)[chunks[which].length >> 1],
    })),
    pairs: [
      [0, 1],
      [0, 2],
      [1, 2],
    ].map(([a, b]) => ({
      names: [signers[a][0], signers[b][0]],
      equal: signatures[a].filter((signature, n) => same(signature, signatures[b][n])).length,
    })),
    first: signatures[0][0],
  };
}

function same(/** @type {Uint8Array} */ a, /** @type {Uint8Array} */ b) {
  return a.length === 64 && b.length === 64 && a.every((byte, index) => byte === b[index]);
}
