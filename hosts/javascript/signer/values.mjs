// What a caller passes, checked: bytes, messages, lists of them.

import { SignerError } from './errors.mjs';

/** Bytes in a secret seed, the first half of a keypair. */
export const SEED_LENGTH = 32;
/** Bytes in a public key, the second half of a keypair. */
export const PUBLIC_KEY_LENGTH = 32;
/** Bytes in a keypair: the seed, then the public key that belongs to it. */
export const KEYPAIR_LENGTH = SEED_LENGTH + PUBLIC_KEY_LENGTH;
/** Bytes in a signature. */
export const SIGNATURE_LENGTH = 64;
/** The most messages that one call of the module signs or verifies. */
export const MAX_BATCH_COUNT = 4096;

/**
 * Splits a list into batches by count and by bytes.
 *
 * @template T
 * @param {T[]} all each of at most `maxBytes`
 * @param {number} maxBytes
 * @param {(one: T) => number} lengthOf
 */
export function* batches(all, maxBytes, lengthOf) {
  /** @type {T[]} */
  let batch = [];
  let bytes = 0;
  for (const one of all) {
    const length = lengthOf(one);
    if (batch.length === MAX_BATCH_COUNT || bytes + length > maxBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += length;
  }
  if (batch.length > 0) yield batch;
}

/**
 * @template T
 * @param {Iterable<T>} values
 * @param {string} what they are, for the error
 * @returns {T[]}
 */
export function listOf(values, what) {
  // Text and bytes can be iterated too, but are meant as one message.
  if (typeof values === 'object' && values !== null && !(values instanceof String) && !ArrayBuffer.isView(values)) {
    if (typeof values[Symbol.iterator] === 'function') return [...values];
  }
  throw new TypeError(`${what} must be an array or another iterable object, not ${kindOf(values)}`);
}

/** @param {string | Uint8Array} message */
export const messageBytes = (message) => textOrBytes(message, 'a message');

/**
 * For `JSON.parse` and `JSON.stringify`: lets a value pass that means the same everywhere.
 *
 * @param {string} name
 * @param {unknown} value
 * @throws {TypeError}
 */
export function plain(name, value) {
  const text = typeof value === 'string' ? `${name} ${value}` : name;
  if (LONE_SURROGATE.test(text) || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new TypeError('NaN, infinity and half a surrogate pair are not JSON');
  }
  return value;
}

/**
 * @param {string | Uint8Array} value
 * @param {string} what it is, for the error
 * @returns {Uint8Array} of text, its UTF-8 bytes
 */
export function textOrBytes(value, what) {
  if (typeof value !== 'string') return uint8Array(value, what, 'a string or a Uint8Array');
  // The encoder puts U+FFFD for half a surrogate pair, so that different texts would have one signature.
  if (LONE_SURROGATE.test(value)) {
    throw new TypeError(`${what} has half a surrogate pair, which has no UTF-8 form; pass bytes instead`);
  }
  return ENCODER.encode(value);
}

const ENCODER = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/** @param {Uint8Array} value */
export const publicKeyBytes = (value) => checkedPublicKey(uint8Array(value, 'a public key'));

/** @param {Uint8Array} bytes */
export const checkedPublicKey = (bytes) => checkedLength(PUBLIC_KEY_LENGTH, bytes, 'a public key', 'PUBLIC_KEY_LENGTH');

/**
 * @param {number} length
 * @param {Uint8Array} bytes
 * @param {string} what they are, for the error
 * @param {import('./errors.mjs').Code} code if there are more or fewer
 */
export function checkedLength(length, bytes, what, code, hint = '') {
  if (bytes.length === length) return bytes;
  throw new SignerError(code, `${what} must be ${length} bytes long${hint}; this one has ${bytes.length}`);
}

/**
 * The bytes of a `Uint8Array` of any realm (an iframe, a test runner's sandbox), as a view with a fixed length. Nothing
 * that the object says of itself counts, and no code of the caller runs.
 *
 * @param {unknown} value
 * @param {string} what it is, for the error
 * @param {string} [expected]
 * @returns {Uint8Array}
 * @throws {TypeError} for anything else, and for an array whose buffer was transferred or has shrunk, which seems empty
 */
export function uint8Array(value, what, expected = 'a Uint8Array') {
  if (kindOfArray.call(value) !== 'Uint8Array')
    throw new TypeError(`${what} must be ${expected}, not ${kindOf(value)}`);
  const length = lengthOf.call(value);
  if (length === 0 && !isThere(value))
    throw new TypeError(`${what} has lost its bytes: their buffer was transferred, or shrank`);
  return new Uint8Array(bufferOf.call(value), offsetOf.call(value), length);
}

// The language's own getters look at the array itself, not at what a subclass or a `toStringTag` says.
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const [kindOfArray, lengthOf, bufferOf, offsetOf] = [Symbol.toStringTag, 'length', 'buffer', 'byteOffset'].map(
  (name) => /** @type {(this: unknown) => any} */ (Object.getOwnPropertyDescriptor(TYPED_ARRAY, name)?.get),
);

/**
 * Not by `keys` or another iterator: once JavaScriptCore has compiled that call, it no longer throws.
 *
 * @param {unknown} array
 */
function isThere(array) {
  try {
    TYPED_ARRAY.set.call(new Uint8Array(0), array);
    return true;
  } catch {
    return false;
  }
}

/** @param {unknown} value */
export function kindOf(value) {
  return value === null ? 'null' : typeof value === 'object' ? 'another object' : typeof value;
}
