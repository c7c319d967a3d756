// How many times as fast as tweetnacl the modules sign: with one message a call and with a batch.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';

import { Signer } from '../../../../hosts/javascript/signer/signer.mjs';
import { TEST_KEYPAIR } from '../keypair.mjs';

const nacl = createRequire(new URL('../../../../hosts/javascript/package.json', import.meta.url))('tweetnacl');

async function lanes(name) {
  const wasm = await readFile(`target/modules/${name}.wasm`);
  if (!WebAssembly.validate(wasm)) return undefined;
  return Signer.create(wasm, TEST_KEYPAIR).catch((error) => {
    if (error.code !== 'SELF_TEST_FAILED') throw error;
  });
}

// ANCHOR: ways
const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), TEST_KEYPAIR);
const [plain, relaxed] = [await lanes('signer-lanes'), await lanes('signer-lanes-relaxed')];
const WAYS = {
  'signer-raw, key passed each time': (messages) => messages.map((message) => signer.signWith(TEST_KEYPAIR, message)),
  'signer-raw, key held': (messages) => messages.map((message) => signer.sign(message)),
  'signer-lanes, one batch': plain && ((messages) => plain.signMany(messages)),
  'signer-lanes-relaxed, one batch': relaxed && ((messages) => relaxed.signMany(messages)),
};
// ANCHOR_END: ways
const tweetnacl = (messages) => messages.map((message) => nacl.sign.detached(message, TEST_KEYPAIR));

const messages = Array.from({ length: 1000 }, (_, n) => new TextEncoder().encode(`hello${n}`));
const few = messages.slice(0, 25);
const bytes = (signatures) => Buffer.concat(signatures).toString('hex');
const ways = Object.entries(WAYS).filter(([, sign]) => sign);
const expected = bytes(ways[0][1](messages));
assert.ok(expected.startsWith(bytes(tweetnacl(few))));
for (const [name, sign] of ways) assert.equal(bytes(sign(messages)), expected, name);

const ROUNDS = 9;
const micros = (sign, some) => {
  const began = performance.now();
  sign(some);
  return (1000 * (performance.now() - began)) / some.length;
};
// One ratio for each round, of two runs in a row, so that whatever else the machine does affects both alike.
const ratios = ways.map(() => []);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [which, [, sign]] of ways.entries()) ratios[which].push(micros(tweetnacl, few) / micros(sign, messages));
}
for (const [which, [name]] of ways.entries()) {
  const median = ratios[which].sort((a, b) => a - b)[ROUNDS >> 1];
  assert.ok(median > 5, `${name}: ${median} times as fast as tweetnacl`);
  console.log(`${name.padEnd(33)} ${String(Math.round(median)).padStart(5)} times as fast as tweetnacl`);
}
for (const one of [signer, plain, relaxed]) one?.close();
