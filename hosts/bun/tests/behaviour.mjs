// What the wrappers must do in any engine, for the runtime's own test runner to run: this, wrong-values.mjs and mishaps.mjs.
// hosts/node tests the same files in more depth. WebCrypto is the second opinion: it owes nothing to the module.

import assert from 'node:assert/strict';

import { Adder, AdderError } from '../adder.mjs';
import { fromHex, toHex } from '../bytes.mjs';
import { CODES } from '../codes.mjs';
import { MAX_BATCH_COUNT, Signer, SignerError } from '../signer.mjs';
import { built } from './built.mjs';
import { mishaps } from './mishaps.mjs';
import { fakeBatchModule, unknownFeatureModule } from './small-modules.mjs';
import { wrongValues, wrongValuesOfGlue } from './wrong-values.mjs';

const MIB = 1024 * 1024;

/** The key of the book. It is published there, so it is good for tests and for nothing else. */
export const PUBLISHED_KEY = fromHex(
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
    '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
);

/** Its signature of `hello`, as the book has it. */
export const SIGNATURE_OF_HELLO = fromHex(
  '5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3' +
    'd82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303',
);

/** Two halves that do not belong together. */
export const MISMATCHED_KEY = Uint8Array.from(PUBLISHED_KEY, (byte, index) => (index === 40 ? byte ^ 1 : byte));

/**
 * @param {(path: string) => Promise<Uint8Array<ArrayBuffer>>} read gives the bytes of a file
 * @returns {Promise<[name: string, work: () => unknown][]>} each to be run as a test of its own
 */
export async function behaviours(read) {
  const [raw, rawSimd, relaxed, lanes, small, add] = await Promise.all(
    ['signer-raw', 'signer-raw-simd', 'signer-lanes-relaxed', 'signer-lanes', 'signer-small', 'add-raw']
      .map((name) => read(built(`modules/${name}.wasm`))),
  );
  const [module, simd, adder] = await Promise.all([raw, rawSimd, add].map((bytes) => WebAssembly.compile(bytes)));
  const glue = await import(built('pkg/token_signer.js'));
  glue.initSync({ module: await read(built('pkg/token_signer_bg.wasm')) });
  const newSigner = () => new Signer(module, PUBLISHED_KEY);

  return [
    ...[module, simd].map((one, index) => /** @type {[string, () => void]} */ ([
      `${index ? 'signer-raw-simd' : 'signer-raw'} signs hello as the book does`,
      () => {
        const signer = new Signer(one, PUBLISHED_KEY);
        assert.equal(toHex(signer.sign('hello')), toHex(SIGNATURE_OF_HELLO));
        assert.equal(toHex(signer.signWith(PUBLISHED_KEY, 'hello')), toHex(SIGNATURE_OF_HELLO));
        assert.equal(toHex(signer.publicKey), toHex(PUBLISHED_KEY.subarray(32)));
        assert.equal(toHex(signer.derivePublicKey(PUBLISHED_KEY.subarray(0, 32))), toHex(signer.publicKey));
        for (const verify of /** @type {const} */ (['verify', 'verifyStrict'])) {
          assert.equal(signer[verify](signer.publicKey, 'hello', SIGNATURE_OF_HELLO), true);
          assert.equal(signer[verify](signer.publicKey, 'hellp', SIGNATURE_OF_HELLO), false);
          assert.equal(signer[verify](signer.publicKey, 'hello', SIGNATURE_OF_HELLO.subarray(1)), false);
        }
      },
    ])),

    ['WebCrypto agrees about random keys and messages', async () => {
      const signer = new Signer(simd);
      for (let round = 0; round < 100; round += 1) {
        const seed = crypto.getRandomValues(new Uint8Array(32));
        const message = crypto.getRandomValues(new Uint8Array(round * 7));
        const publicKey = signer.derivePublicKey(seed);
        signer.loadKey(Uint8Array.from([...seed, ...publicKey]));
        const signature = signer.sign(message);
        assert.ok(await webCryptoVerifies(publicKey, message, signature), `seed ${toHex(seed)}`);
        const changed = signature.map((byte, index) => (index === round % 64 ? byte ^ (1 << round % 8) : byte));
        assert.equal(await webCryptoVerifies(publicKey, message, changed), false);
        assert.equal(signer.verify(publicKey, message, changed), false);
      }
    }],

    ['every refusal has its code', () => {
      const signer = newSigner();
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
        ['MESSAGE_TOO_LARGE', () => signer.signMany(['fine', tooLarge])],
        ['MESSAGE_TOO_LARGE', () => signer.verify(signer.publicKey, tooLarge, SIGNATURE_OF_HELLO)],
        ['TRAPPED', () => signer.signWith(MISMATCHED_KEY, 'hello')],
        ['NO_KEY', () => new Signer(module).sign('hello')],
        ['NO_KEY', () => (signer.wipe(), signer.sign('hello'))],
        ['CLOSED', () => (signer.close(), signer.signMany([]))],
      ];
      for (const [code, work] of refusals) {
        assert.ok(code in CODES);
        assert.throws(work, (error) => error instanceof SignerError && error.code === code && error.message.length > 0);
      }
      signer.close();
    }],

    ['after a trap the signer goes on, with a new instance and the held key', () => {
      const signer = newSigner();
      for (let round = 0; round < 3; round += 1) {
        assert.throws(
          () => signer.signWith(MISMATCHED_KEY, 'hello'),
          // The class is the same in every engine; the message is not.
          (error) =>
            error instanceof SignerError && error.code === 'TRAPPED' && error.cause instanceof WebAssembly.RuntimeError,
        );
        assert.equal(toHex(signer.sign('hello')), toHex(SIGNATURE_OF_HELLO));
      }
      signer.wipe();
      assert.throws(() => signer.signWith(MISMATCHED_KEY, 'hello'), { code: 'TRAPPED' });
      assert.throws(() => signer.sign('hello'), { code: 'NO_KEY' });
    }],

    ['memory may grow in any call', async () => {
      const signer = newSigner();
      for (const length of [0, MIB, 5 * MIB, 16 * MIB]) {
        const message = new Uint8Array(length).fill(0x61);
        const signature = signer.sign(message);
        assert.ok(await webCryptoVerifies(signer.publicKey, message, signature), `${length} bytes`);
        assert.equal(toHex(signer.signMany([message])[0]), toHex(signature));
        assert.equal(toHex(signer.sign('hello')), toHex(SIGNATURE_OF_HELLO));
      }
    }],

    ['any number of messages is signed, in batches', () => {
      const signer = newSigner();
      for (const count of [0, 1, MAX_BATCH_COUNT, MAX_BATCH_COUNT + 1]) {
        const messages = Array.from({ length: count }, (_, n) => `hello${n}`);
        const signatures = signer.signMany(messages);
        assert.equal(signatures.length, count);
        for (const n of [0, count >> 1, count - 1].filter((index) => index >= 0 && index < count)) {
          assert.equal(toHex(signatures[n]), toHex(signer.sign(messages[n])), `${n} of ${count}`);
        }
      }
    }],

    ['many messages go to the first batch module that can be used', async () => {
      const garbage = new TextEncoder().encode('no module');
      const batchModules = [garbage, unknownFeatureModule(), fakeBatchModule(8), simd];
      const signer = await Signer.create(module, PUBLISHED_KEY, { batchModules });
      const messages = ['', 'hello', 'a third'];
      const expected = messages.map((message) => toHex(signer.sign(message)));
      assert.deepEqual(signer.signMany(messages).map(toHex), expected);
      assert.equal(signer.batchModule, 3);
      signer.wipe();
      assert.throws(() => signer.signMany(messages), { code: 'NO_KEY' });

      const without = await Signer.create(module, PUBLISHED_KEY, { batchModules: [garbage, fakeBatchModule(8)] });
      assert.deepEqual(without.signMany(messages).map(toHex), expected);
      assert.equal(without.batchModule, -1);
    }],

    ['of the modules made for batches, one that can be used here signs', async () => {
      const signer = await Signer.create(module, PUBLISHED_KEY, { batchModules: [relaxed, lanes] });
      const messages = Array.from({ length: 301 }, (_, n) => `${n}`.repeat(n % 7));
      assert.deepEqual(signer.signMany(messages).map(toHex), messages.map((message) => toHex(signer.sign(message))));
      // Both engines have SIMD; the relaxed one answers SELF_TEST_FAILED where a multiply-add is not fused.
      assert.notEqual(signer.batchModule, -1);
    }],

    ['a trap in the batch module is told, and survived', () => {
      const signer = new Signer(module, PUBLISHED_KEY, { batchModules: [new WebAssembly.Module(fakeBatchModule(0))] });
      assert.equal(toHex(signer.signMany(['hello'])[0]), toHex(SIGNATURE_OF_HELLO), 'one message: the main module');
      for (let round = 0; round < 2; round += 1) {
        assert.throws(() => signer.signMany(['7 bytes', 'hello']), { code: 'TRAPPED' });
        assert.notEqual(toHex(signer.signMany(['hello', 'hello'])[0]), toHex(SIGNATURE_OF_HELLO), 'the fake one shows');
        assert.equal(toHex(signer.sign('hello')), toHex(SIGNATURE_OF_HELLO));
      }
    }],

    ['text is signed as its UTF-8 bytes', () => {
      const signer = newSigner();
      for (const text of ['', 'é', '日本語', '🦀', 'e\u0301🦀日é']) {
        assert.equal(toHex(signer.sign(text)), toHex(signer.sign(new TextEncoder().encode(text))), text);
      }
      assert.throws(() => signer.sign('\ud83e'), TypeError, 'half a pair has no UTF-8 form');
      assert.throws(() => signer.sign(/** @type {any} */ (5)), TypeError);
    }],

    ['a key that is refused drops the one that was held', () => {
      for (const bad of [MISMATCHED_KEY, new Uint8Array(63)]) {
        const signer = newSigner();
        assert.throws(() => signer.loadKey(bad), SignerError);
        assert.throws(() => signer.sign('hello'), { code: 'NO_KEY' });
        signer.loadKey(PUBLISHED_KEY);
        assert.equal(toHex(signer.sign('hello')), toHex(SIGNATURE_OF_HELLO));
      }
    }],

    ...['wipe', 'close'].map((end) => /** @type {[string, () => Promise<void>]} */ ([
      `after ${end}, no secret is in linear memory`,
      async () => {
        const secrets = await secretsOf(PUBLISHED_KEY);
        const instances = notingInstances(() => {
          const signer = newSigner();
          signer.sign('hello');
          signer.signWith(PUBLISHED_KEY, 'hello');
          signer.signMany(['hello', 'hello']);
          const fast = new Signer(module, PUBLISHED_KEY, { batchModules: [simd] });
          fast.signMany(['hello', 'hello']);
          return () => [signer, fast].forEach((one) => one[/** @type {'wipe' | 'close'} */ (end)]());
        });
        assert.notEqual(foundIn(instances.all, secrets), undefined, 'the scan finds what is there before');
        instances.then();
        assert.equal(foundIn(instances.all, secrets), undefined);
      },
    ])),

    ['a pointer over 2 GiB is read as an unsigned number', () => {
      // The signer's own cap keeps its memory small, so a stand-in gives such pointers.
      const memory = { buffer: new ArrayBuffer(2 ** 31 + 65536) };
      const asExported = -(2 ** 31) + 16;
      const pointer = () => asExported;
      const exports = {
        memory,
        max_message_len: () => 64,
        get_signing_key_ptr: pointer,
        load_key: () => 0,
        allocate_message: pointer,
        sign_loaded: () => 0,
        get_signature_ptr: pointer,
      };
      const message = new Uint8Array(64).fill(7);
      const signature = insteadOfInstance(
        class {
          exports = exports;
        },
        () => newSigner().sign(message),
      );
      assert.equal(toHex(signature), toHex(message));
      assert.equal(toHex(new Uint8Array(memory.buffer, 2 ** 31 + 16, 64)), toHex(message));
    }],

    ['the adder adds, wraps around, divides, and outlives a trap', () => {
      const lowest = -2147483648;
      const calculator = new Adder(adder);
      assert.equal(calculator.add(2, 3), 5);
      assert.equal(calculator.add(2147483647, 1), lowest);
      assert.equal(calculator.divide(-7, 2), -3);
      for (
        const [a, b] of [
          [1, 0],
          [lowest, -1],
        ]
      ) {
        assert.throws(
          () => calculator.divide(a, b),
          (error) => error instanceof AdderError && error.cause instanceof WebAssembly.RuntimeError,
        );
        assert.equal(calculator.add(2, 3), 5);
      }
      assert.throws(() => calculator.add(0.5, 1), TypeError);
    }],

    ...await wrongValues({ raw, adder: add }),
    ...wrongValuesOfGlue(glue),
    ...await mishaps({ raw, small, adder: add, faulty: await read(built('fixtures/signer-faulty.wasm')) }),
  ];
}

/**
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} message
 * @param {Uint8Array} signature
 */
async function webCryptoVerifies(publicKey, message, signature) {
  const key = await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
}

/**
 * What the seed expands to: RFC 8032, section 5.1.5.
 *
 * @param {Uint8Array} keypair
 */
async function secretsOf(keypair) {
  const seed = Uint8Array.from(keypair.subarray(0, 32));
  const expanded = new Uint8Array(await crypto.subtle.digest('SHA-512', seed));
  return [seed, expanded.subarray(1, 31), expanded.subarray(32)];
}

/**
 * The wrapper shows nobody its instance, so every one that is made is noted.
 *
 * @param {() => () => void} work
 */
function notingInstances(work) {
  /** @type {WebAssembly.Instance[]} */
  const all = [];
  const noting = new Proxy(WebAssembly.Instance, {
    construct(target, args) {
      const instance = new target(.../** @type {[WebAssembly.Module, WebAssembly.Imports]} */ (args));
      all.push(instance);
      return instance;
    },
  });
  const then = insteadOfInstance(noting, work);
  return { all, then };
}

/**
 * @template T
 * @param {any} stand for WebAssembly.Instance
 * @param {() => T} work
 * @returns {T}
 */
function insteadOfInstance(stand, work) {
  const real = WebAssembly.Instance;
  WebAssembly.Instance = stand;
  try {
    return work();
  } finally {
    WebAssembly.Instance = real;
  }
}

/**
 * @param {WebAssembly.Instance[]} instances
 * @param {Uint8Array[]} secrets
 * @returns {number | undefined} where in some linear memory eight bytes in a row of some secret are
 */
function foundIn(instances, secrets) {
  for (const { exports } of instances) {
    const memory = new Uint8Array(/** @type {WebAssembly.Memory} */ (exports.memory).buffer);
    for (const secret of secrets) {
      for (let part = 0; part + 8 <= secret.length; part += 1) {
        const wanted = secret.subarray(part, part + 8);
        for (let at = memory.indexOf(wanted[0]); at !== -1; at = memory.indexOf(wanted[0], at + 1)) {
          if (wanted.every((byte, index) => memory[at + index] === byte)) return at;
        }
      }
    }
  }
  return undefined;
}
