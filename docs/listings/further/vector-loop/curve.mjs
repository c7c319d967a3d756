// The time of a signature by batch size, in this host's engine: the curve of "How a loop becomes a vector".

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { TEST_KEYPAIR } from '../keypair.mjs';

const NAMES = ['signer-raw', 'signer-raw-simd', 'signer-lanes', 'signer-lanes-relaxed'];
const SIZES = [1, 2, 4, 16, 64, 256, 1024];
/** Signatures of one contestant in one turn. */
const TURN = 1024;
const ROUNDS = 5;

// ANCHOR: load
/** A module that holds the test key; undefined if this host cannot load it, or if it refuses to work here. */
async function load(name) {
  const wasm = await readFile(`target/modules/${name}.wasm`);
  if (!WebAssembly.validate(wasm)) return undefined;
  const { exports } = (await WebAssembly.instantiate(wasm)).instance;
  new Uint8Array(exports.memory.buffer).set(TEST_KEYPAIR, exports.get_signing_key_ptr());
  const status = exports.load_key();
  if (status === 8) return undefined; // SELF_TEST_FAILED: it signed a known answer wrongly
  assert.equal(status, 0);
  return exports;
}
// ANCHOR_END: load

/** The 64 bytes of each signature, one after the other. */
function signBatch(module, messages) {
  const total = messages.reduce((sum, { length }) => sum + length, 0);
  const room = module.allocate_batch(messages.length, total) >>> 0;
  const lengths = new DataView(module.memory.buffer, room, 4 * messages.length);
  let at = room + 4 * messages.length;
  messages.forEach((message, n) => {
    lengths.setUint32(4 * n, message.length, true);
    new Uint8Array(module.memory.buffer, at, message.length).set(message);
    at += message.length;
  });
  assert.equal(module.sign_batch(), 0);
  const signatures = module.get_batch_signatures_ptr() >>> 0;
  return new Uint8Array(module.memory.buffer, signatures, 64 * messages.length).slice();
}

const modules = [];
for (const name of NAMES) {
  const module = await load(name);
  if (module) modules.push({ name, module });
  else console.log(`${name} does not work on this host`);
}
const messages = Array.from({ length: TURN }, (_, n) => new TextEncoder().encode(`hello${n}`));
console.log(['µs a signature', ...modules.map(({ name }) => name)].map((word) => word.padStart(22)).join(''));
for (const size of SIZES) {
  const times = modules.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    const seen = [];
    for (const [which, { module }] of modules.entries()) {
      const signatures = [];
      const began = performance.now();
      for (let at = 0; at < TURN; at += size) signatures.push(signBatch(module, messages.slice(at, at + size)));
      // The first round is for the engine, which compiles while it runs.
      if (round > 0) times[which].push((1000 * (performance.now() - began)) / TURN);
      seen.push(Buffer.concat(signatures).toString('hex'));
    }
    for (const signatures of seen) assert.equal(signatures, seen[0]);
  }
  const medians = times.map((each) => each.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(1));
  console.log([`batches of ${size}`, ...medians].map((word) => word.padStart(22)).join(''));
}
