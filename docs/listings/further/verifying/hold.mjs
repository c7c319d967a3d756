// What a held key costs, and what it saves. Run in the root of the workspace.

import { readFile } from 'node:fs/promises';

import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';
import { issuer, signedBy } from './keys.mjs';

const wasm = await readFile('target/modules/verifier-lanes.wasm');
const verifier = await Verifier.create([wasm]);

/** The median of what the work takes, in microseconds. */
function micros(inputs, work) {
  const times = inputs.map((input) => {
    const began = performance.now();
    work(input);
    return 1000 * (performance.now() - began);
  });
  return times.sort((a, b) => a - b)[times.length >> 1];
}

const many = (issuers) => Array(9).fill(signedBy(issuers, 1000));
const verify = (items) => verifier.verifyMany(items);
micros(many(1000), verify); // the engine compiles
const stranger = micros(many(1000), verify) / 1000;
const held = micros(many(1), verify) / 1000;

// ANCHOR: hold
const newKeys = Array.from({ length: 64 }, (_, n) => issuer(2000 + n).publicKey);
const table = micros(newKeys, (publicKey) => verifier.hold(publicKey));
// ANCHOR_END: hold

// The wrapper keeps its memory to itself, so this is an instance of our own.
const { memory, ...module } = (await WebAssembly.instantiate(wasm)).instance.exports;
const limit = module.max_held_keys();
const kibibytes = newKeys.map((publicKey) => {
  new Uint8Array(memory.buffer, module.get_public_key_ptr(), 32).set(publicKey);
  module.hold_key();
  return memory.buffer.byteLength / 1024;
});

console.log(`a signature, its key not held  ${stranger.toFixed(1)} µs`);
console.log(`a signature, its key held      ${held.toFixed(1)} µs`);
console.log(`building a table               ${table.toFixed(1)} µs`);
console.log(`pays from                      ${Math.ceil(table / (stranger - held))} signatures on`);
for (const keys of [1, limit, newKeys.length])
  console.log(`memory, after holding ${keys}`.padEnd(30), `${kibibytes[keys - 1]} KiB`);
