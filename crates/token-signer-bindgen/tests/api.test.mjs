// What JavaScript sees: signatures that OpenSSL verifies, and real Errors with a code.

import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify as opensslVerify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

import { PUBLISHED_KEY, SIGNATURE_OF_HELLO } from '../../../hosts/javascript/conformance/published.mjs';
import { wrongValuesOfGlue } from '../../../hosts/javascript/tests/wrong-values.mjs';
import { instantiate, keypair } from './support.mjs';

const hello = new TextEncoder().encode('hello');
const signer = await instantiate('target/pkg');

/** Whether OpenSSL takes the signature. */
function openssl(publicKey, message, signature) {
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return opensslVerify(null, message, key, signature);
}

test('the chapter\'s key and message give the chapter\'s signature', () => {
  assert.deepEqual(signer.sign_message(hello, PUBLISHED_KEY), SIGNATURE_OF_HELLO);
});

test('OpenSSL verifies what is signed here', () => {
  for (const length of [0, 1, 111, 112, 128, 1000, 1 << 20]) {
    const pair = keypair(randomBytes(32));
    const message = randomBytes(length);
    const signature = signer.sign_message(message, pair);
    const verifiers = [openssl, signer.verify, signer.verify_strict];
    const verified = () => verifiers.map((verify) => verify(pair.subarray(32), message, signature));
    assert.deepEqual(verified(), [true, true, true], `${length} bytes`);
    signature[length % 64] ^= 1;
    assert.deepEqual(verified(), [false, false, false], `${length} bytes`);
  }
});

test('the public key of a seed is OpenSSL\'s', () => {
  const pair = keypair(randomBytes(32));
  assert.deepEqual(Buffer.from(signer.derive_public_key(pair.subarray(0, 32))), pair.subarray(32));
});

test('verify takes a public key of small order, verify_strict does not', () => {
  // The identity as key, R the identity, S 0: it verifies for every message.
  const identity = new Uint8Array(32);
  identity[0] = 1;
  const signature = new Uint8Array(64);
  signature[0] = 1;
  assert.equal(signer.verify(identity, hello, signature), true);
  assert.equal(signer.verify_strict(identity, hello, signature), false);
});

test('what is no signature or no point is false', () => {
  const signature = signer.sign_message(hello, PUBLISHED_KEY);
  for (const wrong of [new Uint8Array(), signature.subarray(1), new Uint8Array([...signature, 0])]) {
    assert.equal(signer.verify(PUBLISHED_KEY.subarray(32), hello, wrong), false);
  }
  const noPoint = new Uint8Array(32).fill(2);
  assert.equal(signer.verify(noPoint, hello, signature), false);
});

const ERRORS = [
  ['KEY_LENGTH', /^Secret key must be 64 bytes long$/, () => signer.sign_message(hello, new Uint8Array(63))],
  ['KEY_LENGTH', /^Secret key must be 64 bytes long$/, () => signer.sign_message(hello, new Uint8Array())],
  ['KEY_LENGTH', /^Seed must be 32 bytes long$/, () => signer.derive_public_key(new Uint8Array(64))],
  ['KEY_PAIR_MISMATCH', /^Invalid key: /, () => signer.sign_message(hello, new Uint8Array(64))],
  ['PUBLIC_KEY_LENGTH', /^Public key must be 32 bytes long$/, () => signer.verify(new Uint8Array(31), hello, new Uint8Array(64))],
  ['PUBLIC_KEY_LENGTH', /^Public key must be 32 bytes long$/, () => signer.verify_strict(new Uint8Array(33), hello, new Uint8Array(64))],
  ['MESSAGE_TOO_LARGE', /at most 16777216 bytes long, and has 16777217$/, () => signer.sign_message(new Uint8Array(16777217), PUBLISHED_KEY)],
  ['MESSAGE_TOO_LARGE', /at most 16777216/, () => signer.verify(PUBLISHED_KEY.subarray(32), new Uint8Array(16777217), new Uint8Array(64))],
  // Where two things are wrong, the key is looked at first.
  ['KEY_LENGTH', /Secret key/, () => signer.sign_message(new Uint8Array(16777217), new Uint8Array(63))],
];

test('every refusal is a real Error with its code', () => {
  for (const [code, text, call] of ERRORS) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof Error, code);
      assert.equal(error.name, 'Error');
      assert.equal(error.code, code);
      assert.match(error.message, text);
      assert.ok(error.stack.includes('sign_message') || error.stack.includes('verify') || error.stack.includes('derive'));
      return true;
    });
  }
  assert.deepEqual(signer.sign_message(hello, PUBLISHED_KEY), SIGNATURE_OF_HELLO, 'and it goes on');
});

test('a string is a TypeError, and not so many zeros', () => {
  const wrong = { name: 'TypeError', message: 'Message must be a Uint8Array' };
  for (const value of ['pay alice', 'pay mallo', {}, 5, [104, 101]]) {
    assert.throws(() => signer.sign_message(value, PUBLISHED_KEY), wrong);
    assert.throws(() => signer.verify(PUBLISHED_KEY.subarray(32), value, new Uint8Array(64)), wrong);
  }
  assert.throws(() => signer.sign_message(hello, 'a'.repeat(64)), { message: 'Secret key must be a Uint8Array' });
  assert.throws(() => signer.derive_public_key('a'.repeat(32)), { message: 'Seed must be a Uint8Array' });
  assert.throws(() => signer.verify('a'.repeat(32), hello, hello), { message: 'Public key must be a Uint8Array' });
  assert.throws(() => signer.verify_strict(hello, hello, 'a'), { message: 'Signature must be a Uint8Array' });
});

for (const [name, work] of wrongValuesOfGlue(signer)) test(name, work);

test('arrays of another realm are taken as they are', () => {
  const foreign = (bytes) => runInNewContext(`Uint8Array.of(${bytes})`);
  assert.deepEqual(signer.sign_message(foreign(hello), foreign(PUBLISHED_KEY)), SIGNATURE_OF_HELLO);
});

test('the longest message is signed', () => {
  const message = new Uint8Array(16 << 20).fill(97);
  assert.ok(openssl(PUBLISHED_KEY.subarray(32), message, signer.sign_message(message, PUBLISHED_KEY)));
});

test('the types know every code that is thrown', () => {
  const types = readFileSync(new URL('../../../target/pkg/token_signer.d.ts', import.meta.url), 'utf8');
  const union = types.match(/export type ErrorCode = (.*);/)[1].split(' | ').map((name) => JSON.parse(name));
  assert.deepEqual(new Set(union), new Set(ERRORS.map(([code]) => code)));
  assert.match(types, /export interface SignerError extends Error/);
});

test('the nodejs face gives the same signature', () => {
  const require = createRequire(import.meta.url);
  const node = require('../../../target/pkg-nodejs/token_signer.js');
  assert.deepEqual(node.sign_message(hello, PUBLISHED_KEY), SIGNATURE_OF_HELLO);
});
