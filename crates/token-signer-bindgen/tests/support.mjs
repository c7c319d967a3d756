// What the tests share: fresh instances of the module, and the secrets that must not be found in its memory.

import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);
let instances = 0;

/**
 * A new instance of the module in `folder`, with its glue's functions and its memory.
 * @param {'target/pkg' | 'target/fixtures/pkg'} folder
 */
export async function instantiate(folder) {
  const glue = new URL(`${folder}/token_signer.js`, ROOT);
  if (!existsSync(glue)) {
    throw new Error(`there is no ${folder}: run \`everyhost build --fixtures\` first`);
  }
  // The glue keeps one instance for each import: with a new query it is another module for Node.
  const module = await import(`${glue}?instance=${(instances += 1)}`);
  const wasm = readFileSync(fileURLToPath(new URL(`${folder}/token_signer_bg.wasm`, ROOT)));
  const { memory } = await module.default({ module_or_path: wasm });
  return { ...module, memory: () => Buffer.from(memory.buffer) };
}

/** The keypair of a seed: the seed, then its public key, made by OpenSSL. */
export function keypair(seed) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.concat([seed, Buffer.from(x, 'base64url')]);
}

/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** By name, every secret that RFC 8032 makes from `seed` on the way to a signature of `message`. */
export function secretsOf(seed, message) {
  const expanded = createHash('sha512').update(seed).digest();
  const clamped = Buffer.from(expanded.subarray(0, 32));
  clamped[0] &= 248;
  clamped[31] = (clamped[31] & 127) | 64;
  const prefix = expanded.subarray(32);
  const nonceHash = createHash('sha512').update(prefix).update(message).digest();
  return {
    seed,
    'first half of the hash': expanded.subarray(0, 32),
    'clamped scalar': clamped,
    'scalar modulo L': reduced(clamped),
    prefix,
    'hash of the nonce': nonceHash,
    nonce: reduced(nonceHash),
  };
}

/** A little-endian number modulo L. */
function reduced(bytes) {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) % L;
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** The names of the secrets that `memory` holds eight bytes in a row of. */
export function found(memory, secrets) {
  const isIn = (bytes) => bytes.subarray(7).some((_, at) => memory.includes(bytes.subarray(at, at + 8)));
  return Object.keys(secrets).filter((name) => isIn(secrets[name]));
}

/** How many bytes differ between two memories. */
export function differences(one, other) {
  if (one.length !== other.length) return Infinity;
  return one.reduce((count, byte, at) => count + (byte === other[at] ? 0 : 1), 0);
}
