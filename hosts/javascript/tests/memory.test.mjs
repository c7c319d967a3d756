// What stays in linear memory. The wrapper shows nobody its instance, so the tests note every one that is made.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';

import { Signer } from '../signer/signer.mjs';
import { compiled, MISMATCHED_KEY, PUBLISHED_KEY } from './modules.mjs';
import { fakeBatchModule } from './small-modules.mjs';

const RealInstance = WebAssembly.Instance;
/** @type {WebAssembly.Instance[]} */
let instances = [];

beforeEach(() => {
  instances = [];
  WebAssembly.Instance = new Proxy(RealInstance, {
    construct(target, args) {
      const instance = new target(.../** @type {[WebAssembly.Module, WebAssembly.Imports]} */ (args));
      instances.push(instance);
      return instance;
    },
  });
});
afterEach(() => {
  WebAssembly.Instance = RealInstance;
});

/** @param {Uint8Array[]} parts */
const sha512 = (...parts) => crypto.createHash('sha512').update(Buffer.concat(parts)).digest();

/** The order of the group: RFC 8032, section 5.1. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** @param {Uint8Array} bytes a little-endian number */
function reduced(bytes) {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) % L;
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
}

/**
 * Everything that must not be found: what the seed expands to, and the nonces of the messages.
 *
 * @returns {Map<string, Buffer>}
 */
function secrets(/** @type {Uint8Array} */ keypair, /** @type {string[]} */ messages) {
  const seed = Buffer.from(keypair.subarray(0, 32));
  const expanded = sha512(seed);
  const scalar = Buffer.from(expanded.subarray(0, 32));
  scalar[0] &= 0xf8;
  scalar[31] = (scalar[31] & 0x7f) | 0x40;
  const prefix = expanded.subarray(32);
  const named = new Map([
    ['seed', seed],
    ['hash of the seed', expanded],
    ['scalar', scalar],
    ['scalar mod L', reduced(scalar)],
    ['prefix', prefix],
  ]);
  for (const message of messages) {
    const nonce = sha512(prefix, Buffer.from(message));
    named.set(`wide nonce of ${message}`, nonce).set(`nonce of ${message}`, reduced(nonce));
  }
  return named;
}

/** @returns {string[]} the secrets of which eight bytes in a row are in linear memory */
function found(/** @type {WebAssembly.Instance} */ { exports }, /** @type {Map<string, Buffer>} */ named) {
  // As text, in which every engine searches fast. Deno's `Buffer.includes` takes a hundred times as long.
  const memory = Buffer.from(/** @type {WebAssembly.Memory} */ (exports.memory).buffer).toString('latin1');
  return [...named].flatMap(([name, secret]) => {
    const text = secret.toString('latin1');
    for (let at = 0; at + 8 <= text.length; at += 1) {
      if (memory.includes(text.slice(at, at + 8))) return [name];
    }
    return [];
  });
}

const MESSAGES = ['hello', 'a second message', 'third'];
const SECRETS = secrets(PUBLISHED_KEY, MESSAGES);
const module = compiled('signer-raw');

/** @type {Record<string, (signer: Signer) => unknown>} */
const PATHS = {
  'holding a key': () => undefined,
  sign: (signer) => MESSAGES.map((message) => signer.sign(message)),
  signMany: (signer) => signer.signMany(MESSAGES),
  signWith: (signer) => MESSAGES.map((message) => signer.signWith(PUBLISHED_KEY, message)),
  derivePublicKey: (signer) => signer.derivePublicKey(PUBLISHED_KEY.subarray(0, 32)),
  loadKey: (signer) => signer.loadKey(PUBLISHED_KEY),
};

for (const [name, path] of Object.entries(PATHS)) {
  for (const end of /** @type {const} */ (['wipe', 'close'])) {
    test(`after ${name} and ${end}, no secret is in linear memory`, () => {
      const signer = new Signer(module, PUBLISHED_KEY);
      path(signer);
      assert.notDeepEqual(found(instances[0], SECRETS), [], 'the scan finds what is there before');
      signer[end]();
      assert.equal(instances.length, 1);
      assert.deepEqual(found(instances[0], SECRETS), []);
    });
  }
}

for (const end of /** @type {const} */ (['wipe', 'close'])) {
  test(`after a batch and ${end}, no secret is in either instance`, () => {
    const signer = new Signer(module, PUBLISHED_KEY, { batchModules: [compiled('signer-raw-simd')] });
    assert.equal(instances.length, 1, 'the batch module has no instance before it is needed');
    signer.signMany(MESSAGES);
    assert.equal(instances.length, 2);
    for (const instance of instances) assert.notDeepEqual(found(instance, SECRETS), []);
    signer[end]();
    assert.equal(instances.length, 2);
    for (const instance of instances) assert.deepEqual(found(instance, SECRETS), []);
  });
}

test('a key that is replaced or refused leaves both instances at once', () => {
  const seed = crypto.randomBytes(32);
  const otherKey = Uint8Array.from([...seed, ...new Signer(module).derivePublicKey(seed)]);
  for (const key of [otherKey, MISMATCHED_KEY, new Uint8Array(1)]) {
    instances = [];
    const signer = new Signer(module, PUBLISHED_KEY, { batchModules: [compiled('signer-raw-simd')] });
    signer.signMany(MESSAGES);
    try {
      signer.loadKey(key);
    } catch {
      // Two of them are refused.
    }
    assert.equal(instances.length, 2);
    for (const instance of instances) assert.deepEqual(found(instance, SECRETS), []);
  }
});

test('the linear memory of a trapped batch instance is cleared', () => {
  const signer = new Signer(module, PUBLISHED_KEY, { batchModules: [new WebAssembly.Module(fakeBatchModule(0))] });
  assert.throws(() => signer.signMany(['7 bytes', 'hello']), { code: 'TRAPPED' });
  assert.equal(instances.length, 3, 'a new instance took its place');
  const memory = /** @type {WebAssembly.Memory} */ (instances[1].exports.memory);
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
});

test('the linear memory of a trapped instance is cleared', () => {
  const signer = new Signer(module, PUBLISHED_KEY);
  assert.throws(() => signer.signWith(MISMATCHED_KEY, 'hello'), { code: 'TRAPPED' });
  assert.equal(instances.length, 2, 'a new instance took its place');
  const memory = /** @type {WebAssembly.Memory} */ (instances[0].exports.memory);
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  signer.close();
  assert.deepEqual(found(instances[1], SECRETS), []);
});

test('a refused key stays nowhere', () => {
  assert.throws(() => new Signer(module, MISMATCHED_KEY), { code: 'KEY_PAIR_MISMATCH' });
  assert.deepEqual(found(instances[0], secrets(MISMATCHED_KEY, [])), []);
});

test('a pointer over 2 GiB is read as an unsigned number', () => {
  // The signer's own cap keeps its memory small, so a stand-in gives such pointers. Its 2 GiB are never touched, but
  // for one page.
  const memory = { buffer: new ArrayBuffer(2 ** 31 + 65536) };
  const asExported = -(2 ** 31) + 16;
  WebAssembly.Instance = /** @type {any} */ (
    class {
      exports = {
        memory,
        max_message_len: () => 64,
        get_signing_key_ptr: () => asExported,
        load_key: () => 0,
        allocate_message: () => asExported,
        sign_loaded: () => 0,
        get_signature_ptr: () => asExported,
      };
    }
  );
  const message = new Uint8Array(64).fill(7);
  assert.deepEqual(new Signer(module, PUBLISHED_KEY).sign(message), message);
  assert.deepEqual(new Uint8Array(memory.buffer, 2 ** 31 + 16, 64), message);
});
