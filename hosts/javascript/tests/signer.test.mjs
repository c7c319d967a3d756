// What the vectors leave to be shown of the wrapper: they ask it for signatures, refusals and sessions.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';

import { CODES } from '../signer/codes.mjs';
import { Signer, SignerError } from '../signer/signer.mjs';
import { built, compiled, MISMATCHED_KEY, PUBLISHED_KEY, SIGNATURE_OF_HELLO } from './modules.mjs';

const MIB = 1024 * 1024;
const module = compiled('signer-raw');

/** OpenSSL's opinion, which owes nothing to the module. */
function opensslVerifies(/** @type {Uint8Array} */ message, /** @type {Uint8Array} */ signature) {
  const x = Buffer.from(PUBLISHED_KEY.subarray(32)).toString('base64url');
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return crypto.verify(null, message, key, signature);
}

/**
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
async function webCryptoVerifies(publicKey, message, signature) {
  const { subtle } = crypto.webcrypto;
  const key = await subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
}

/** @param {string} code */
const refusal = (code) => (/** @type {unknown} */ error) => error instanceof SignerError && error.code === code;

for (const name of ['signer-raw', 'signer-raw-simd']) {
  test(`${name} signs hello as the book does`, async () => {
    const signer = await Signer.create(readFileSync(built(`modules/${name}.wasm`)), PUBLISHED_KEY);
    assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
    assert.deepEqual(signer.signWith(PUBLISHED_KEY, 'hello'), SIGNATURE_OF_HELLO);
    assert.deepEqual(signer.signMany(['hello', 'hello']), [SIGNATURE_OF_HELLO, SIGNATURE_OF_HELLO]);
    assert.deepEqual(signer.publicKey, PUBLISHED_KEY.slice(32));
    assert.deepEqual(signer.derivePublicKey(PUBLISHED_KEY.subarray(0, 32)), PUBLISHED_KEY.slice(32));
    assert.equal(signer.verify(signer.publicKey, 'hello', SIGNATURE_OF_HELLO), true);
    assert.equal(signer.verifyStrict(signer.publicKey, 'hello', SIGNATURE_OF_HELLO), true);
    assert.equal(signer.verify(signer.publicKey, 'hellp', SIGNATURE_OF_HELLO), false);
    signer.close();
  });
}

test('a signer can be made of bytes, of an ArrayBuffer and of a compiled module', async () => {
  const bytes = readFileSync(built('modules/signer-raw.wasm'));
  for (const source of [bytes, new Uint8Array(bytes).buffer, module]) {
    const signer = await Signer.create(source, PUBLISHED_KEY);
    assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO);
  }
});

test('without a key a signer verifies, derives, and refuses to sign', () => {
  const signer = new Signer(module);
  assert.equal(signer.verify(PUBLISHED_KEY.subarray(32), 'hello', SIGNATURE_OF_HELLO), true);
  assert.deepEqual(signer.derivePublicKey(PUBLISHED_KEY.subarray(0, 32)), PUBLISHED_KEY.slice(32));
  assert.throws(() => signer.sign('hello'), refusal('NO_KEY'));
  assert.throws(() => signer.signMany([]), refusal('NO_KEY'));
  assert.throws(() => signer.publicKey, refusal('NO_KEY'));
});

test('WebCrypto agrees about random keys and messages', async () => {
  const signer = new Signer(compiled('signer-raw-simd'));
  for (let round = 0; round < 100; round += 1) {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const message = crypto.getRandomValues(new Uint8Array(round * 7));
    const publicKey = signer.derivePublicKey(seed);
    signer.loadKey(Uint8Array.from([...seed, ...publicKey]));
    const signature = signer.sign(message);
    assert.ok(await webCryptoVerifies(publicKey, message, signature), `seed ${seed}`);
    const changed = signature.map((byte, index) => (index === round % 64 ? byte ^ (1 << (round % 8)) : byte));
    assert.equal(await webCryptoVerifies(publicKey, message, changed), false);
    assert.equal(signer.verify(publicKey, message, changed), false);
  }
});

test('every refusal has its code, and words', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  const tooLarge = new Uint8Array(16 * MIB + 1);
  /** @type {[string, () => unknown][]} */
  const refusals = [
    ['KEY_LENGTH', () => new Signer(module, new Uint8Array(63))],
    ['KEY_LENGTH', () => signer.signWith(new Uint8Array(65), 'hello')],
    ['KEY_LENGTH', () => signer.derivePublicKey(new Uint8Array(31))],
    ['KEY_PAIR_MISMATCH', () => new Signer(module, MISMATCHED_KEY)],
    ['PUBLIC_KEY_LENGTH', () => signer.verify(new Uint8Array(33), 'hello', SIGNATURE_OF_HELLO)],
    ['PUBLIC_KEY_LENGTH', () => signer.verifyStrict(new Uint8Array(0), 'hello', SIGNATURE_OF_HELLO)],
    ['MESSAGE_TOO_LARGE', () => signer.sign(tooLarge)],
    ['TRAPPED', () => signer.signWith(MISMATCHED_KEY, 'hello')],
    ['NO_KEY', () => new Signer(module).sign('hello')],
    ['NO_KEY', () => (signer.wipe(), signer.sign('hello'))],
    ['CLOSED', () => (signer.close(), signer.signMany([]))],
  ];
  for (const [code, work] of refusals) {
    assert.ok(code in CODES);
    assert.throws(work, (error) => refusal(code)(error) && /** @type {Error} */ (error).message.length > 0);
  }
});

test('lengths are checked, and the message says what was expected and what came', () => {
  for (const length of [0, 1, 32, 63, 65, 128]) {
    assert.throws(() => new Signer(module, new Uint8Array(length)), {
      name: 'SignerError',
      code: 'KEY_LENGTH',
      message: `a keypair must be 64 bytes long (a seed of 32, then its public key); this one has ${length}`,
    });
  }
  const signer = new Signer(module, PUBLISHED_KEY);
  assert.throws(() => signer.signWith(new Uint8Array(63), 'hello'), refusal('KEY_LENGTH'));
  assert.equal(signer.verify(signer.publicKey, 'hello', SIGNATURE_OF_HELLO.subarray(1)), false);
  assert.equal(signer.verify(signer.publicKey, 'hello', new Uint8Array(65)), false);
  assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO, 'the refusals changed nothing');
});

test('text is signed as its UTF-8 bytes, whatever its length in UTF-16', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  // 1 to 4 bytes a character: the book's own listing passes the number of UTF-16 units, which cuts these short.
  for (const text of ['', 'a', 'é', '日本語', '🦀', 'e\u0301🦀日é']) {
    const bytes = new TextEncoder().encode(text);
    const signature = signer.sign(text);
    assert.deepEqual(signature, signer.sign(bytes), text);
    assert.ok(opensslVerifies(bytes, signature), text);
    assert.deepEqual(signer.signMany([text]), [signature]);
    assert.ok(signer.verify(signer.publicKey, text, signature));
  }
  assert.throws(() => signer.sign('\ud83e'), TypeError, 'half a pair has no UTF-8 form');
});

test('a TypeError says what was expected and what came', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  const wrong = /** @type {any} */ (null);
  assert.throws(() => signer.sign(wrong), /^TypeError: a message must be a string or a Uint8Array, not null$/);
  assert.throws(() => signer.loadKey(wrong), /^TypeError: a keypair must be a Uint8Array, not null$/);
  assert.throws(
    () => signer.signMany(/** @type {any} */ ('hello')),
    /an array or another iterable object, not string$/,
  );
  assert.throws(() => signer.sign('hello'), refusal('NO_KEY'), 'what is no key drops the held one, too');
});

test('a Buffer, a view into a larger buffer and an array of another realm are taken as they are', () => {
  const signer = new Signer(module, Buffer.from(PUBLISHED_KEY));
  const around = new TextEncoder().encode('say hello!');
  const foreign = vm.runInNewContext("Uint8Array.from('hello', (letter) => letter.charCodeAt(0))");
  for (const message of [Buffer.from('hello'), around.subarray(4, 9), foreign]) {
    assert.deepEqual(signer.sign(message), SIGNATURE_OF_HELLO);
  }
});

test('the signer keeps no view of what it was given or has returned', () => {
  const key = Buffer.from(PUBLISHED_KEY); // of a Buffer, slice() is a view
  const signer = new Signer(module, key);
  key.fill(0);
  signer.publicKey.fill(0);
  const signature = signer.sign('hello');
  signer.sign('other');
  assert.deepEqual(signature, SIGNATURE_OF_HELLO);
  assert.throws(() => signer.signWith(MISMATCHED_KEY, 'x'), refusal('TRAPPED'));
  assert.deepEqual(signer.sign('hello'), SIGNATURE_OF_HELLO, 'the copy was loaded again');
});

test('a message may have 16 MiB and no more', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  const tooLarge = new Uint8Array(16 * MIB + 1);
  for (const call of [
    () => signer.sign(tooLarge),
    () => signer.signMany(['fine', tooLarge]),
    () => signer.signWith(PUBLISHED_KEY, tooLarge),
    () => signer.verify(signer.publicKey, tooLarge, SIGNATURE_OF_HELLO),
    () => signer.verifyStrict(signer.publicKey, tooLarge, SIGNATURE_OF_HELLO),
  ]) {
    assert.throws(call, refusal('MESSAGE_TOO_LARGE'));
  }
  assert.throws(() => signer.sign(tooLarge), /at most 16777216 bytes; this one has 16777217/);
});

test('a closed signer says so first', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  signer[Symbol.dispose]();
  signer.close();
  // mishaps.mjs asks every method; these would be refused for another reason, too.
  assert.throws(() => signer.verify(new Uint8Array(1), 'hello', SIGNATURE_OF_HELLO), refusal('CLOSED'));
  assert.throws(() => signer.derivePublicKey(new Uint8Array(1)), refusal('CLOSED'));
});
