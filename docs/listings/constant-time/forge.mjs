// One flipped bit in a signer's memory, and what somebody makes of the two signatures. Run in the root of the workspace.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { TEST_KEYPAIR } from '../further/keypair.mjs';

const L = 2n ** 252n + 27742317777372353535851937790883648493n; // the order of the base point
const publicKey = TEST_KEYPAIR.subarray(32);
const mod = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(process.argv[2]))).exports;

// ANCHOR: sign
const memory = () => new Uint8Array(mod.memory.buffer);

function sign(message) {
  const pointer = mod.allocate_message(message.length) >>> 0;
  memory().set(message, pointer);
  const status = mod.sign_loaded();
  if (status !== 0) throw new Error(`sign_loaded: status ${status}`);
  const at = mod.get_signature_ptr() >>> 0;
  return memory().slice(at, at + 64);
}

/** Changes one bit in each copy of the public key that the module keeps. */
function flip() {
  const bytes = Buffer.from(mod.memory.buffer);
  let copies = 0;
  for (let at = 0; (at = bytes.indexOf(publicKey, at)) >= 0; copies += 1) bytes[at] ^= 1;
  return copies;
}
// ANCHOR_END: sign

// ANCHOR: arithmetic
const number = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const bytesOf = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
const modulo = (value) => ((value % L) + L) % L;
const hash = (...parts) => modulo(number(createHash('sha512').update(Buffer.concat(parts)).digest()));

function inverse(value) {
  let [a, b, x, y] = [modulo(value), L, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return modulo(x);
}
// ANCHOR_END: arithmetic

const hello = Buffer.from('hello');
const second = Buffer.from(process.argv[3] ?? 'hello');
memory().set(TEST_KEYPAIR, mod.get_signing_key_ptr());
mod.load_key();

// ANCHOR: forge
const good = sign(hello);
console.log(`copies of the public key that were changed: ${flip()}`);
const bad = sign(second);

// Both are S = r + h·a modulo L, with the same r and the same secret a: only h, a hash of public things, differs.
const R = good.subarray(0, 32);
const changed = Buffer.from(publicKey);
changed[0] ^= 1;
const [h1, h2] = [hash(R, publicKey, hello), hash(R, changed, second)];
const a = modulo((number(good.subarray(32)) - number(bad.subarray(32))) * inverse(h1 - h2));

// With a, and r = S - h·a, any message can be signed.
const message = Buffer.from('pay everything to Mallory');
const r = number(good.subarray(32)) - h1 * a;
const forged = Buffer.concat([R, bytesOf(modulo(r + hash(R, publicKey, message) * a))]);
// ANCHOR_END: forge

const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
const verifies = (text, signature) => verify(null, text, createPublicKey({ format: 'jwk', key: jwk }), signature);
console.log(`the same R in both: ${Buffer.from(R).equals(bad.subarray(0, 32))}`);
console.log(`the second signature verifies: ${verifies(second, bad)}`);
console.log(`the forged one verifies: ${verifies(message, forged)}`);
