// What is not bytes, and what is although it does not look it. Neutral: the tests of every host in JavaScript share it.

import { Adder } from '../signer/adder.mjs';
import { Signer } from '../signer/signer.mjs';
import { base64url, publicJwk } from '../signer/token.mjs';
import { expect, listOfTests, same } from './neutral.mjs';

/** Whatever a conversion would ask an object for: none of it may be called. */
const CONVERSIONS = ['valueOf', 'toString', 'toJSON', 'length', 'byteLength', 'byteOffset', 'buffer', 'then'];

/**
 * Values that are no `Uint8Array`, by a name for people. Most have 64 bytes, so that only a check of the
 * type refuses them.
 *
 * @returns {Map<string, unknown>} made anew
 */
export function notBytes() {
  const named = new Map(
    /** @type {[string, unknown][]} */ ([
      ['undefined', undefined],
      ['null', null],
      ['true', true],
      ['0', 0],
      ['5', 5],
      ['NaN', NaN],
      ['a bigint', 64n],
      ['a symbol', Symbol('bytes')],
      ['a function', () => new Uint8Array(64)],
      ['a class', Uint8Array],
      ['an object', {}],
      ['an empty array', []],
      ['an array of bytes', Array(64).fill(1)],
      ['an array-like', { length: 64, 0: 1 }],
      ['a String', new String('pay alice')],
      ['a Date', new Date(0)],
      ['a Map', new Map()],
      ['a Set', new Set([1])],
      ['a promise', Promise.resolve(new Uint8Array(64))],
      ['a Blob', new Blob([new Uint8Array(64)])],
      ['an ArrayBuffer', new ArrayBuffer(64)],
      ['a DataView', new DataView(new ArrayBuffer(64))],
      ['an Int8Array', new Int8Array(64)],
      ['a Uint8ClampedArray', new Uint8ClampedArray(64)],
      ['a Uint16Array', new Uint16Array(32)],
      ['a Float64Array', new Float64Array(8)],
      ['a memory', new WebAssembly.Memory({ initial: 1 })],
      ['a Proxy of a Uint8Array', new Proxy(new Uint8Array(64), {})],
      ['an heir of a Uint8Array', Object.create(new Uint8Array(64))],
      ['an object made of the prototype', Object.create(Uint8Array.prototype)],
      ['an object that says it is a Uint8Array', { length: 64, [Symbol.toStringTag]: 'Uint8Array' }],
      ['a DataView that says so', tagged(new DataView(new ArrayBuffer(64)))],
      ['an Int8Array that says so', tagged(new Int8Array(64))],
      [
        'an Int8Array with the prototype of a Uint8Array',
        Object.setPrototypeOf(new Int8Array(64), Uint8Array.prototype),
      ],
      ['an object that must not be converted', untouchable({})],
    ]),
  );
  if (typeof SharedArrayBuffer !== 'undefined') named.set('a SharedArrayBuffer', new SharedArrayBuffer(64));
  for (const [name, array] of lostBytes()) named.set(name, array);
  return named;
}

/**
 * Arrays that had 64 bytes once. They say that they are empty, so that they would be signed as an empty message.
 *
 * @returns {Map<string, Uint8Array>} made anew
 */
export function lostBytes() {
  const transferred = new Uint8Array(64);
  structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const ofMemory = new Uint8Array(memory.buffer, 0, 64);
  memory.grow(1);
  const lost = new Map([
    ['an array whose buffer was transferred', transferred],
    ['a view of a memory that has grown', ofMemory],
  ]);
  if ('resize' in ArrayBuffer.prototype) {
    const buffer = /** @type {any} */ (new ArrayBuffer(64, /** @type {any} */ ({ maxByteLength: 128 })));
    const [whole, rest] = [new Uint8Array(buffer, 0, 64), new Uint8Array(buffer, 32)];
    buffer.resize(16);
    lost.set('a view of a buffer that has shrunk', whole).set('a view of the rest of a buffer that has shrunk', rest);
  }
  return lost;
}

/**
 * Real `Uint8Array`s of the same bytes, all of which must be taken as they are.
 *
 * @param {Uint8Array} bytes at least one
 * @returns {Map<string, Uint8Array>} made anew
 */
export function bytesInDisguise(bytes) {
  class Liar extends Uint8Array {}
  for (const name of [...CONVERSIONS, Symbol.iterator, Symbol.toPrimitive, 'slice', 'subarray', 'set', 'constructor']) {
    Object.defineProperty(Liar.prototype, name, { get: () => asked(name) });
  }
  Object.defineProperty(Liar, Symbol.species, { get: () => asked('species') });
  const around = new Uint8Array(bytes.length + 20);
  around.set(bytes, 10);
  const shorter = Object.defineProperty(Uint8Array.from(bytes), 'length', { value: bytes.length - 1 });
  const renamed = Object.defineProperty(Uint8Array.from(bytes), Symbol.toStringTag, { value: 'String' });
  const named = new Map([
    ['a subclass whose every member throws', new Liar(Uint8Array.from(bytes).buffer)],
    ['an array that says it is shorter', shorter],
    ['an array that says it is a String', renamed],
    ['an array without a prototype', Object.setPrototypeOf(Uint8Array.from(bytes), null)],
    ['a view into a larger buffer', around.subarray(10, 10 + bytes.length)],
    ['a view of a memory', viewOf(new WebAssembly.Memory({ initial: 1 }).buffer, bytes)],
  ]);
  if (typeof SharedArrayBuffer !== 'undefined') {
    named.set('a view of a SharedArrayBuffer', viewOf(new SharedArrayBuffer(bytes.length + 8), bytes));
  }
  if ('resize' in ArrayBuffer.prototype) {
    const limit = /** @type {any} */ ({ maxByteLength: 1000 });
    const buffer = /** @type {any} */ (new ArrayBuffer(bytes.length + 30, limit));
    named.set('a view of a resizable buffer', viewOf(buffer, bytes));
    const growing = /** @type {any} */ (new ArrayBuffer(1, limit));
    const following = new Uint8Array(growing);
    growing.resize(bytes.length);
    following.set(bytes);
    named.set('a view that follows its buffer', following);
  }
  return named;
}

/**
 * @param {object} bytes of .wasm files
 * @param {BufferSource} bytes.raw signer-raw
 * @param {BufferSource} bytes.adder add-raw
 * @returns {Promise<import('./neutral.mjs').Tests>}
 */
export async function wrongValues({ raw, adder }) {
  const module = await WebAssembly.compile(raw);
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
  const publicKey = new Signer(module).derivePublicKey(seed);
  const key = Uint8Array.from([...seed, ...publicKey]);
  const signer = new Signer(module, key);
  const message = new Uint8Array(64).fill(3);
  const signature = signer.sign(message);

  /** @type {Record<string, (value: any) => unknown>} each takes bytes, and no text */
  const takesBytes = {
    // Undefined stands for no key there.
    'new Signer': (value) => new Signer(module, value === undefined ? null : value),
    'new Signer, its module': (value) => new Signer(value),
    loadKey: (value) => {
      try {
        return signer.loadKey(value);
      } finally {
        signer.loadKey(key);
      }
    },
    derivePublicKey: (value) => signer.derivePublicKey(value),
    'signWith, its key': (value) => signer.signWith(value, message),
    'verify, its key': (value) => signer.verify(value, message, signature),
    'verify, its signature': (value) => signer.verify(publicKey, message, value),
    'verifyStrict, its key': (value) => signer.verifyStrict(value, message, signature),
    'verifyStrict, its signature': (value) => signer.verifyStrict(publicKey, message, value),
    publicJwk: (value) => publicJwk(value),
    base64url: (value) => base64url(value),
  };
  /** @type {Record<string, (value: any) => unknown>} */
  const takesMessage = {
    sign: (value) => signer.sign(value),
    'signMany, one of two': (value) => signer.signMany(['hello', value]),
    'signWith, its message': (value) => signer.signWith(key, value),
    'verify, its message': (value) => signer.verify(publicKey, value, signature),
    'verifyStrict, its message': (value) => signer.verifyStrict(publicKey, value, signature),
  };
  /** @param {(value: any) => unknown} call */
  const refusesEach = (call, more = /** @type {[string, unknown][]} */ ([])) => {
    for (const [name, value] of [...notBytes(), ...more]) {
      refuses(() => call(value), name);
      expect(same(signer.sign(message), signature), `after ${name} the signer signs wrongly`);
    }
  };

  const { tests, test } = listOfTests();

  for (const [name, call] of Object.entries(takesBytes)) {
    const more = { text: 'pay alice', 'text of 64 letters': 'a'.repeat(64) };
    test(`${name}: only a Uint8Array will do`, () => refusesEach(call, Object.entries(more)));
  }
  for (const [name, call] of Object.entries(takesMessage)) {
    const more = { 'text with half a surrogate pair': 'a\ud83e' };
    test(`${name}: only text and a Uint8Array will do`, () => refusesEach(call, Object.entries(more)));
  }
  test('signMany: only an iterable object of messages will do', () => {
    const lists = [...notBytes()].filter(([name]) => !/^(an empty array|a Map)$/.test(name));
    for (const [name, value] of [...lists, ['text', 'pay alice'], ['bytes', message], ['none', new Uint8Array(0)]]) {
      refuses(() => signer.signMany(/** @type {any} */ (value)), String(name));
    }
    expect(same(signer.sign(message), signature), 'the signer signs wrongly');
  });
  test('an array whose buffer goes while the messages come is refused, and not signed as an empty one', () => {
    const gone = new Uint8Array(8);
    refuses(
      () =>
        signer.signMany(
          (function* () {
            yield gone;
            structuredClone(gone.buffer, { transfer: [gone.buffer] });
            yield 'last';
          })(),
        ),
      'it',
    );
  });
  test('what is a Uint8Array is taken for the bytes that it has, whatever it says of itself', () => {
    for (const [name, value] of bytesInDisguise(message)) {
      expect(same(signer.sign(value), signature), `sign: ${name}`);
      expect(
        signer.signMany([value, value]).every((one) => same(one, signature)),
        `signMany: ${name}`,
      );
      expect(signer.verify(publicKey, value, signature), `verify: ${name}`);
    }
    for (const [name, value] of bytesInDisguise(key)) {
      expect(same(signer.signWith(value, message), signature), `signWith: ${name}`);
      expect(same(signer.loadKey(value), publicKey), `loadKey: ${name}`);
      expect(same(signer.sign(message), signature), `loadKey, then sign: ${name}`);
    }
    for (const [name, value] of bytesInDisguise(seed)) {
      expect(same(signer.derivePublicKey(value), publicKey), `derivePublicKey: ${name}`);
    }
    for (const [name, value] of bytesInDisguise(signature)) {
      expect(signer.verifyStrict(publicKey, message, value), `verifyStrict: ${name}`);
    }
    for (const [name, value] of bytesInDisguise(publicKey)) {
      expect(signer.verify(value, message, signature), `verify: ${name}`);
      expect(publicJwk(value).x === base64url(publicKey), `publicJwk: ${name}`);
    }
  });
  test('claims are an object, and a public key has 32 bytes', () => {
    const claims = [undefined, null, 5, 'claims', [], new Date(0), () => ({}), { toJSON: () => 'text' }, 5n];
    for (const wrong of claims) refuses(() => signer.signToken(/** @type {any} */ (wrong)), String(wrong));
    // `JSON.stringify` writes null for the first three: a token with `"exp":null` never expires.
    const changed = [NaN, Infinity, -Infinity, 'a\ud800', '\udc00a', [{ '\ud83e': 1 }], { '\ud83e': '\udd80' }];
    for (const exp of changed) refuses(() => signer.signToken({ exp }), JSON.stringify(exp));
    for (const length of [0, 31, 33, 64]) refuses(() => publicJwk(new Uint8Array(length)), `${length} bytes`);
    expect(signer.signToken({}).split('.').length === 3, 'no claims are claims');
  });
  test('add and divide: only 32-bit integers will do', async () => {
    const calculator = await Adder.create(adder);
    const numbers = ['0', '5'];
    const more = [2 ** 31, -(2 ** 31) - 1, 0.5, Infinity, '2', new Number(2)].map((value) => [String(value), value]);
    for (const [name, value] of /** @type {[string, any][]} */ ([...notBytes(), ...more])) {
      if (numbers.includes(name)) continue;
      for (const operation of /** @type {const} */ (['add', 'divide'])) {
        refuses(() => calculator[operation](value, 1), `${operation}: ${name}`);
        refuses(() => calculator[operation](1, value), `${operation}: ${name}`);
      }
    }
    expect(calculator.add(2, 3) === 5, 'the adder adds wrongly');
  });
  return tests;
}

/**
 * The same for the functions that wasm-bindgen has made: they take no text either.
 *
 * @param {Record<string, (...values: any[]) => any>} glue of signer-bindgen
 * @returns {import('./neutral.mjs').Tests}
 */
export function wrongValuesOfGlue(glue) {
  const { sign_message, derive_public_key, verify, verify_strict } = glue;
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
  const publicKey = derive_public_key(seed);
  const key = Uint8Array.from([...seed, ...publicKey]);
  const message = new Uint8Array(64).fill(3);
  const signature = sign_message(message, key);
  /** @type {[string, (...values: any[]) => any, Uint8Array[], Uint8Array | boolean][]} */
  const functions = [
    ['sign_message', sign_message, [message, key], signature],
    ['derive_public_key', derive_public_key, [seed], publicKey],
    ['verify', verify, [publicKey, message, signature], true],
    ['verify_strict', verify_strict, [publicKey, message, signature], true],
  ];
  return functions.map(([name, call, values, expected]) => [
    `${name} of wasm-bindgen: only a Uint8Array will do, and one is taken for what it is`,
    () => {
      for (const [place, right] of values.entries()) {
        const withValue = (/** @type {unknown} */ value) => call(...values.with(place, /** @type {any} */ (value)));
        for (const [wrong, value] of [...notBytes(), ['text', 'pay alice'], ['text of 64 letters', 'a'.repeat(64)]]) {
          refuses(() => withValue(value), `parameter ${place}: ${String(wrong)}`);
        }
        for (const [disguise, value] of bytesInDisguise(right)) {
          const given = withValue(value);
          expect(given === expected || same(given, /** @type {any} */ (expected)), `parameter ${place}: ${disguise}`);
        }
      }
    },
  ]);
}

/** @template {object} T */
function tagged(/** @type {T} */ value) {
  return Object.defineProperty(value, Symbol.toStringTag, { value: 'Uint8Array' });
}

/** @template {object} T */
function untouchable(/** @type {T} */ value) {
  for (const name of [...CONVERSIONS, Symbol.toPrimitive]) {
    Object.defineProperty(value, name, { get: () => asked(name) });
  }
  return value;
}

/** @returns {never} */
function asked(/** @type {string | symbol} */ name) {
  throw new Error(`it was asked for its ${String(name)}`);
}

function viewOf(/** @type {ArrayBufferLike} */ buffer, /** @type {Uint8Array} */ bytes) {
  const view = new Uint8Array(buffer, 3, bytes.length);
  view.set(bytes);
  return view;
}

/**
 * @param {() => unknown} call
 * @param {string} name of the value
 */
export function refuses(call, name) {
  let given;
  try {
    given = call();
  } catch (error) {
    expect(error instanceof TypeError, `${name}: not a TypeError but ${error}`);
    return;
  }
  throw new Error(`${name} was taken: ${given}`);
}
