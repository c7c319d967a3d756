// Encodes the claims of a token anew, with one space more, and prints whether the signature is still right.

import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { Signer } from '../../../hosts/javascript/signer/signer.mjs';
import { TEST_KEYPAIR } from '../further/keypair.mjs';

const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), TEST_KEYPAIR);
const x = Buffer.from(signer.publicKey).toString('base64url');
const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
const holds = (first, second, signature) =>
  verify(null, Buffer.from(`${first}.${second}`), key, Buffer.from(signature, 'base64url'));

const [header, claims, signature] = signer.signToken({ sub: 'ada' }).split('.');
if (!holds(header, claims, signature)) throw new Error('the token is not right to begin with');
const spaced = JSON.stringify(JSON.parse(Buffer.from(claims, 'base64url')), null, 1);
console.log(holds(header, Buffer.from(spaced).toString('base64url'), signature));
