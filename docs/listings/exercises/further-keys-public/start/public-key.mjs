// The public key of a private one.

import { readFile } from 'node:fs/promises';

import { Keys } from '../../../../../hosts/javascript/signer/keys.mjs';
import { Signer } from '../../../../../hosts/javascript/signer/signer.mjs';

const module = (/** @type {string} */ name) => readFile(`target/modules/${name}.wasm`);

/**
 * @param {string | Uint8Array} file with a private key
 * @returns {Promise<string>} its public key as a JWK
 */
export async function publicKeyOf(file) {
  const keys = await Keys.create(await module('keys'));
  return keys.writePublicKey(keys.readPrivateKey(file).publicKey, 'jwk');
}
