// The public key of a private one.

import { readFile } from 'node:fs/promises';

import { Keys } from '../../../../../hosts/javascript/signer/keys.mjs';
import { Signer } from '../../../../../hosts/javascript/signer/signer.mjs';

const module = (/** @type {string} */ name) => readFile(`target/modules/${name}.wasm`);

// ANCHOR: publicKeyOf
/**
 * @param {string | Uint8Array} file with a private key
 * @returns {Promise<string>} its public key as a JWK
 */
export async function publicKeyOf(file) {
  const keys = await Keys.create(await module('keys'));
  const key = keys.readPrivateKey(file);
  const signer = await Signer.fromPrivateKey(await module('signer-raw'), key);
  try {
    return keys.writePublicKey(signer.publicKey, 'jwk');
  } finally {
    for (const each of [signer, key, keys]) each.close();
  }
}
// ANCHOR_END: publicKeyOf
