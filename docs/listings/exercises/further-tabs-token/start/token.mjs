// Prints a JWT with the claims {"sub":"me"}, signed with the published test key. Run in the root of the workspace.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { TEST_KEYPAIR } from '../../../further/keypair.mjs';

const { Signer } = await import(pathToFileURL(path.resolve('hosts/javascript/signer/signer.mjs')));

/** The header is {"alg":"EdDSA","typ":"JWT"}; three parts in base64url, with dots between. */
function makeToken(signer, claims) {
  return JSON.stringify(claims); // TODO
}

const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), TEST_KEYPAIR);
try {
  console.log(makeToken(signer, { sub: 'me' }));
} finally {
  signer.close();
}
