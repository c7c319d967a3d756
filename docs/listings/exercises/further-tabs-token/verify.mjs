// Verifies the token on stdin.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';

import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const x = Buffer.from(TEST_KEYPAIR.subarray(32)).toString('base64url');
const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
const [header, claims, signature, ...more] = readFileSync(0, 'utf8').trim().split('.');
assert.ok(signature, 'a token has three parts');
assert.deepEqual(more, []);
const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
assert.deepEqual(read(header), { alg: 'EdDSA', typ: 'JWT' });
assert.deepEqual(read(claims), { sub: 'me' });
assert.ok(crypto.verify(null, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')), 'it does not verify');
