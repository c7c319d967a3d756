// One key in seven files, some of them wrong in one place, and what two libraries say. Run in the root of the workspace.

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { Keys } from '../../../../hosts/javascript/signer/keys.mjs';

const keys = await Keys.create(await readFile('target/modules/keys.wasm'));

// ANCHOR: files
const seed = Buffer.alloc(32, 7);
const publicKey = Buffer.from('ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c', 'hex');
const der = (/** @type {(string | Uint8Array)[]} */ ...parts) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part.replaceAll(' ', ''), 'hex') : part)));

const ed25519 = '30 05 06 03 2b6570';
const files = {
  'version 1': der('30 2e 02 01 00', ed25519, '04 22 04 20', seed),
  'version 2, with its public key': der('30 51 02 01 01', ed25519, '04 22 04 20', seed, '81 21 00', publicKey),
  'a public key in version 1': der('30 51 02 01 00', ed25519, '04 22 04 20', seed, '81 21 00', publicKey),
  'an extra byte at the end': der('30 2e 02 01 00', ed25519, '04 22 04 20', seed, '00'),
  'a length in two bytes, not one': der('30 81 2e 02 01 00', ed25519, '04 22 04 20', seed),
  'NULL after the algorithm': der('30 30 02 01 00', '30 07 06 03 2b6570 05 00', '04 22 04 20', seed),
  'the seed not in an octet string': der('30 2c 02 01 00', ed25519, '04 20', seed),
};
// ANCHOR_END: files

const ours = (/** @type {Uint8Array} */ file) => {
  try {
    keys.readPrivateKey(file).close();
    return 'reads it';
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code;
  }
};
const theirs = (/** @type {Buffer} */ key) => {
  try {
    createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    return 'reads it';
  } catch {
    return 'refuses it';
  }
};
console.log(`${''.padEnd(36)}${'keys.wasm'.padEnd(12)}node:crypto`);
for (const [name, file] of Object.entries(files)) {
  console.log(`${name.padEnd(36)}${ours(file).padEnd(12)}${theirs(file)}`);
}
