// Prints a JWT with the claims {"sub":"me"}, signed with the published test key. Run in the root of the workspace.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { TEST_KEYPAIR } from '../../../further/keypair.mjs';

const { Signer } = await import(pathToFileURL(path.resolve('hosts/javascript/signer/signer.mjs')));

// ANCHOR: token
const base64url = (data) => Buffer.from(data).toString('base64url');

function makeToken(signer, claims) {
  const parts = [{ alg: 'EdDSA', typ: 'JWT' }, claims];
  const signed = parts.map((part) => base64url(JSON.stringify(part))).join('.');
  return `${signed}.${base64url(signer.sign(signed))}`;
}
// ANCHOR_END: token

const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), TEST_KEYPAIR);
try {
  console.log(makeToken(signer, { sub: 'me' }));
} finally {
  signer.close();
}
