// A key from openssl signs a token, and the public key is written for verifiers. Run in the root of the workspace.

import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

import { Keys } from '../../../../hosts/javascript/signer/keys.mjs';
import { Signer } from '../../../../hosts/javascript/signer/signer.mjs';

const openssl = (/** @type {string[]} */ ...args) => execFileSync('openssl', args);

// ANCHOR: sign
const keys = await Keys.create(await readFile('target/modules/keys.wasm'));
const key = keys.readPrivateKey(openssl('genpkey', '-algorithm', 'ed25519'));

const signer = await Signer.fromPrivateKey(await readFile('target/modules/signer-raw.wasm'), key);
const token = signer.signToken({ sub: 'ada' }, { kid: '2026' });
console.log(token.split('.').length, 'parts');

const pem = keys.writePublicKey(signer.publicKey, 'pem');
console.log(pem.split('\n')[0]);
// ANCHOR_END: sign

signer.close();
key.close();
keys.close();
