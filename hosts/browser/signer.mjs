// The wrapper of the signer modules (signer-raw and its kin). Copy this file, batch-modules.mjs and codes.mjs into your
// project: it uses nothing but WebAssembly and TextEncoder, and runs in browsers, Node, Deno and Bun alike.

import { BatchModules, compiledWherePossible } from './batch-modules.mjs';
import { CODES } from './codes.mjs';

/** Bytes in a secret seed, the first half of a keypair. */
export const SEED_LENGTH = 32;
/** Bytes in a public key, the second half of a keypair. */
export const PUBLIC_KEY_LENGTH = 32;
/** Bytes in a keypair: the seed, then the public key that belongs to it. */
export const KEYPAIR_LENGTH = SEED_LENGTH + PUBLIC_KEY_LENGTH;
/** Bytes in a signature. */
export const SIGNATURE_LENGTH = 64;
/** The most messages that one call of the module signs. */
export const MAX_BATCH_COUNT = 4096;

/**
 * Signs and verifies with Ed25519 (RFC 8032) in a WebAssembly instance of its own, and holds one key there.
 *
 * Text is signed as its UTF-8 bytes, a `Uint8Array` as it is. Whatever is refused is a {@link SignerError} with a
 * stable `code`; a value of the wrong type is a `TypeError`.
 *
 * A signer has one owner: use it from one thread, and close it when you are done.
 *
 * @example
 *   const signer = await Signer.create(await readFile('signer-raw.wasm'), keypair);
 *   const signature = signer.sign('hello');
 *   signer.close();
 */
export class Signer {
  /** @type {WebAssembly.Module} */
  #module;
  /** @type {Exports | undefined} Undefined while there is no instance that may be called. */
  #exports;
  /** @type {Uint8Array | undefined} A copy of the held key, to load it again after a trap. */
  #keypair;
  /** @type {BatchModules} */
  #batch;
  #maxMessageLength = 0;
  #closed = false;

  /**
   * Compiles the module and makes a signer of it.
   *
   * @param {WebAssembly.Module | BufferSource} moduleOrBytes compiled, or the bytes of the .wasm file
   * @param {Uint8Array} [keypair] 64 bytes: the seed of 32, then its public key. Without one, the signer verifies
   *   and derives public keys, and `sign` is refused with `NO_KEY` until `loadKey` is called.
   * @param {object} [options]
   * @param {readonly (WebAssembly.Module | BufferSource)[]} [options.batchModules] for `signMany` of two messages or more,
   *   in order of preference, such as signer-lanes-relaxed and signer-lanes. One that this host cannot compile, or that
   *   fails its self-test here, is passed over; where none is left, the main module signs.
   * @returns {Promise<Signer>}
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`
   */
  static async create(moduleOrBytes, keypair, { batchModules = [] } = {}) {
    const [module, ...others] = await Promise.all([
      moduleOrBytes instanceof WebAssembly.Module ? moduleOrBytes : WebAssembly.compile(moduleOrBytes),
      ...batchModules.map(compiledWherePossible),
    ]);
    return new Signer(module, keypair, { batchModules: others });
  }

  /**
   * @param {WebAssembly.Module} module a compiled module; any number of signers may share it
   * @param {Uint8Array} [keypair] as in {@link Signer.create}
   * @param {object} [options]
   * @param {readonly (WebAssembly.Module | undefined)[]} [options.batchModules] as in {@link Signer.create}, compiled;
   *   undefined stands for one that could not be compiled
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`
   */
  constructor(module, keypair, { batchModules = [] } = {}) {
    this.#module = module;
    this.#batch = new BatchModules(batchModules, (batchModule) => new Signer(batchModule));
    this.#start();
    if (keypair !== undefined) this.loadKey(keypair);
  }

  /**
   * The public key of the held key, 32 bytes.
   *
   * @throws {SignerError} `NO_KEY`, `CLOSED`
   */
  get publicKey() {
    return this.#heldKeypair().slice(SEED_LENGTH);
  }

  /**
   * The place in `batchModules` of the module that `signMany` uses. -1 where that is the main module, and before the
   * first batch of two messages or more, for which the choice is made.
   */
  get batchModule() {
    return this.#batch.index;
  }

  /**
   * Signs one message with the held key.
   *
   * @param {string | Uint8Array} message of at most 16 MiB
   * @returns {Uint8Array} the signature, 64 bytes
   * @throws {SignerError} `NO_KEY`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`
   */
  sign(message) {
    const bytes = messageBytes(message);
    this.#heldKeypair();
    this.#checkMessageLength(bytes.length);
    this.#putMessage(bytes);
    this.#expectOk(this.#call('sign_loaded'));
    return this.#read(this.#call('get_signature_ptr'), SIGNATURE_LENGTH);
  }

  /**
   * Signs any number of messages with the held key, with far less work than one at a time. They go to the module
   * in batches of at most 4096 messages and 16 MiB; where there are two messages or more, and batch modules, to the
   * first of those that can be used here. The signatures are the same.
   *
   * @param {Iterable<string | Uint8Array>} messages
   * @returns {Uint8Array[]} the signatures, in the order of the messages
   * @throws {SignerError} as {@link Signer.sign}; nothing is returned then
   */
  signMany(messages) {
    const all = Array.from(messages, messageBytes);
    const keypair = this.#heldKeypair();
    for (const message of all) this.#checkMessageLength(message.length);
    const batchSigner = all.length > 1 ? this.#batch.signerOf(keypair) : undefined;
    if (batchSigner) return batchSigner.signMany(all);
    /** @type {Uint8Array[]} */
    const signatures = [];
    for (const batch of batches(all, this.#maxMessageLength)) this.#signBatch(batch, signatures);
    return signatures;
  }

  /**
   * Signs one message with a key that is passed for this call only, the way the book's first listing does. It takes
   * twice as long as {@link Signer.sign}. The held key stays as it is.
   *
   * @param {Uint8Array} keypair 64 bytes
   * @param {string | Uint8Array} message
   * @returns {Uint8Array} the signature, 64 bytes
   * @throws {SignerError} `KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `CLOSED`, and `TRAPPED` where the
   *   halves of the keypair do not belong together: the export `sign` has no other way to say so
   */
  signWith(keypair, message) {
    this.#live();
    const key = keypairBytes(keypair);
    const bytes = messageBytes(message);
    this.#checkMessageLength(bytes.length);
    if (!this.#putMessage(bytes)) throw new SignerError('OUT_OF_MEMORY', 'no room for the message in linear memory');
    const keyPointer = this.#call('get_signing_key_ptr');
    this.#write(keyPointer, key);
    this.#call('sign');
    this.#write(keyPointer, new Uint8Array(KEYPAIR_LENGTH));
    return this.#read(this.#call('get_signature_ptr'), SIGNATURE_LENGTH);
  }

  /**
   * Verifies as most libraries do: the encoding of S·B − k·A must be the bytes of R.
   *
   * @param {Uint8Array} publicKey 32 bytes
   * @param {string | Uint8Array} message
   * @param {Uint8Array} signature one that is not 64 bytes long is not valid
   * @returns {boolean}
   * @throws {SignerError} `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `CLOSED`
   */
  verify(publicKey, message, signature) {
    return this.#verifyBy('verify', publicKey, message, signature);
  }

  /**
   * Verifies as {@link Signer.verify} does, and refuses an R that is no point, and an R or a public key of small
   * order, with which one signature fits many messages.
   *
   * @param {Uint8Array} publicKey 32 bytes
   * @param {string | Uint8Array} message
   * @param {Uint8Array} signature
   * @returns {boolean}
   * @throws {SignerError} as {@link Signer.verify}
   */
  verifyStrict(publicKey, message, signature) {
    return this.#verifyBy('verify_strict', publicKey, message, signature);
  }

  /**
   * The public key that belongs to a seed.
   *
   * @param {Uint8Array} seed 32 bytes
   * @returns {Uint8Array} 32 bytes
   * @throws {SignerError} `KEY_LENGTH`, `CLOSED`
   */
  derivePublicKey(seed) {
    this.#live();
    const bytes = uint8Array(seed, 'a seed');
    if (bytes.length !== SEED_LENGTH) {
      throw new SignerError('KEY_LENGTH', `a seed must be ${SEED_LENGTH} bytes long; this one has ${bytes.length}`);
    }
    const keyPointer = this.#call('get_signing_key_ptr');
    this.#write(keyPointer, bytes);
    this.#expectOk(this.#call('derive_public_key'));
    this.#write(keyPointer, new Uint8Array(SEED_LENGTH));
    return this.#read(this.#call('get_public_key_ptr'), PUBLIC_KEY_LENGTH);
  }

  /**
   * Replaces the held key. Whatever goes wrong, no key is held afterwards.
   *
   * @param {Uint8Array} keypair 64 bytes; the signer keeps a copy of its own until `wipe` or `close`
   * @returns {Uint8Array} its public key, 32 bytes
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `CLOSED`
   */
  loadKey(keypair) {
    this.#live();
    this.#forgetKeypair();
    try {
      this.#batch.wipe();
      const key = keypairBytes(keypair);
      this.#write(this.#call('get_signing_key_ptr'), key);
      this.#expectOk(this.#call('load_key'));
      this.#keypair = Uint8Array.from(key);
    } catch (error) {
      this.wipe();
      throw error;
    }
    return this.publicKey;
  }

  /**
   * Clears every secret, in linear memory and in the signer's own copy. No key is held afterwards.
   *
   * @throws {SignerError} `CLOSED`
   */
  wipe() {
    this.#forgetKeypair();
    try {
      this.#batch.wipe();
    } finally {
      this.#call('wipe');
    }
  }

  /** Clears every secret and ends the signer: any later call is refused with `CLOSED`. Closing again does nothing. */
  close() {
    if (this.#closed) return;
    this.#forgetKeypair();
    this.#batch.close();
    try {
      if (this.#exports) this.#call('wipe');
    } catch {
      // It trapped, and `#call` cleared the memory.
    }
    this.#closed = true;
    this.#exports = undefined;
  }

  /** Closes the signer at the end of a `using` block. */
  [Symbol.dispose]() {
    this.close();
  }

  /**
   * @param {Uint8Array[]} messages that fit in one batch
   * @param {Uint8Array[]} signatures where the signatures go
   */
  #signBatch(messages, signatures) {
    const total = messages.reduce((sum, message) => sum + message.length, 0);
    const pointer = this.#call('allocate_batch', messages.length, total);
    // 0 is "no room", and sign_batch then says why.
    if (pointer !== 0) {
      const { buffer } = this.#live().memory;
      const lengths = new DataView(buffer, pointer, 4 * messages.length);
      const room = new Uint8Array(buffer, pointer + lengths.byteLength, total);
      let offset = 0;
      messages.forEach((message, index) => {
        lengths.setUint32(4 * index, message.length, true);
        room.set(message, offset);
        offset += message.length;
      });
    }
    this.#expectOk(this.#call('sign_batch'));
    const all = this.#read(this.#call('get_batch_signatures_ptr'), SIGNATURE_LENGTH * messages.length);
    for (let at = 0; at < all.length; at += SIGNATURE_LENGTH) signatures.push(all.slice(at, at + SIGNATURE_LENGTH));
  }

  /**
   * @param {'verify' | 'verify_strict'} name
   * @param {Uint8Array} publicKey
   * @param {string | Uint8Array} message
   * @param {Uint8Array} signature
   */
  #verifyBy(name, publicKey, message, signature) {
    const key = uint8Array(publicKey, 'a public key');
    const bytes = messageBytes(message);
    const given = uint8Array(signature, 'a signature');
    this.#live();
    if (key.length !== PUBLIC_KEY_LENGTH) {
      throw new SignerError(
        'PUBLIC_KEY_LENGTH',
        `a public key must be ${PUBLIC_KEY_LENGTH} bytes long; this one has ${key.length}`,
      );
    }
    this.#checkMessageLength(bytes.length);
    if (given.length !== SIGNATURE_LENGTH) return false;
    this.#putMessage(bytes);
    this.#write(this.#call('get_public_key_ptr'), key);
    this.#write(this.#call('get_signature_ptr'), given);
    const status = this.#call(name);
    if (status === CODES.SIGNATURE_INVALID) return false;
    this.#expectOk(status);
    return true;
  }

  /** @param {number} length in bytes */
  #checkMessageLength(length) {
    this.#live();
    if (length > this.#maxMessageLength) {
      throw new SignerError(
        'MESSAGE_TOO_LARGE',
        `a message may have at most ${this.#maxMessageLength} bytes; this one has ${length}`,
      );
    }
  }

  /**
   * @param {Uint8Array} message
   * @returns {boolean} whether there was room; where not, the next call on the message says why
   */
  #putMessage(message) {
    const pointer = this.#call('allocate_message', message.length);
    if (pointer === 0) return false;
    this.#write(pointer, message);
    return true;
  }

  /**
   * A view is made for each access: memory may have grown in the call before, and an old view is then empty.
   *
   * @param {number} pointer
   * @param {Uint8Array} bytes
   */
  #write(pointer, bytes) {
    new Uint8Array(this.#live().memory.buffer, pointer, bytes.length).set(bytes);
  }

  /**
   * @param {number} pointer
   * @param {number} length in bytes
   * @returns {Uint8Array} a copy
   */
  #read(pointer, length) {
    return new Uint8Array(this.#live().memory.buffer, pointer, length).slice();
  }

  /**
   * Calls an export. The modules have no imports, so whatever is thrown there is a trap: the instance is finished
   * and a new one takes its place. An export that the module lacks is no trap: signer-lanes cannot verify, signer-small
   * has no batches.
   *
   * @param {Exclude<keyof Exports, 'memory'>} name
   * @param {number[]} args
   * @returns {number} its result, as an unsigned number: pointers over 2 GiB would come out negative
   */
  #call(name, ...args) {
    const exports = this.#live();
    const exported = /** @type {((...args: number[]) => number) | undefined} */ (exports[name]);
    if (!exported) throw new TypeError(`this module does not export ${name}; use another, such as signer-raw`);
    try {
      return exported(...args) >>> 0;
    } catch (cause) {
      this.#exports = undefined;
      // The module cannot clear its secrets any more.
      new Uint8Array(exports.memory.buffer).fill(0);
      this.#start();
      throw new SignerError('TRAPPED', `${name} trapped; the signer has a new instance and can be used again`, cause);
    }
  }

  /** Makes an instance, and loads the held key into it. */
  #start() {
    const instance = new WebAssembly.Instance(this.#module, {});
    const exports = /** @type {Exports} */ (/** @type {unknown} */ (instance.exports));
    this.#maxMessageLength = exports.max_message_len() >>> 0;
    if (this.#keypair) {
      new Uint8Array(exports.memory.buffer, exports.get_signing_key_ptr() >>> 0, KEYPAIR_LENGTH).set(this.#keypair);
      this.#expectOk(exports.load_key());
    }
    this.#exports = exports;
  }

  /** The exports of an instance that may be called. */
  #live() {
    if (this.#closed) throw new SignerError('CLOSED', 'the signer was closed; make a new one');
    // Only after a trap whose new instance could not be made.
    if (!this.#exports) this.#start();
    return /** @type {Exports} */ (this.#exports);
  }

  #heldKeypair() {
    this.#live();
    if (!this.#keypair) throw new SignerError('NO_KEY', 'no key is held; load one with loadKey');
    return this.#keypair;
  }

  #forgetKeypair() {
    this.#keypair?.fill(0);
    this.#keypair = undefined;
  }

  /** @param {number} status of an export */
  #expectOk(status) {
    if (status === CODES.OK) return;
    const code = /** @type {Code[]} */ (Object.keys(REFUSALS)).find((name) => CODES[name] === status);
    if (!code) throw new Error(`the module returned ${status}, which is no status of this ABI`);
    throw new SignerError(code, /** @type {string} */ (REFUSALS[code]));
  }
}

/** Why a call was refused. `code` is the same name in every language; the message is for people. */
export class SignerError extends Error {
  /**
   * @param {Code} code a stable name, such as `KEY_PAIR_MISMATCH`
   * @param {string} message
   * @param {unknown} [cause] what the host threw, where the module trapped
   */
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SignerError';
    this.code = code;
  }
}

/**
 * A stable name of codes.mjs.
 *
 * @typedef {Exclude<keyof typeof CODES, 'OK'>} Code
 */

/**
 * The refusals that come from the module, in words.
 *
 * @type {Partial<Record<Code, string>>}
 */
const REFUSALS = {
  NO_MESSAGE: 'no message was allocated since the start or the last wipe',
  NO_KEY: 'no key is held; load one with loadKey',
  KEY_PAIR_MISMATCH: 'the public half of the keypair does not belong to its seed',
  MESSAGE_TOO_LARGE: 'the message is longer than the module takes',
  OUT_OF_MEMORY: 'linear memory could not grow enough for this call',
  BATCH_LAYOUT: 'the batch has too many messages, or its lengths do not add up',
  SELF_TEST_FAILED:
    'the module signed a known answer wrongly on this host and refuses to work here; use another module',
};

/**
 * Splits messages into batches by count and by bytes. There is always one batch, if only an empty one.
 *
 * @param {Uint8Array[]} messages each of at most `maxBytes`
 * @param {number} maxBytes
 */
function* batches(messages, maxBytes) {
  /** @type {Uint8Array[]} */
  let batch = [];
  let bytes = 0;
  for (const message of messages) {
    if (batch.length === MAX_BATCH_COUNT || bytes + message.length > maxBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += message.length;
  }
  yield batch;
}

/**
 * @param {string | Uint8Array} message
 * @returns {Uint8Array}
 */
function messageBytes(message) {
  if (typeof message !== 'string') return uint8Array(message, 'a message', 'a string or a Uint8Array');
  const bytes = new TextEncoder().encode(message);
  // The encoder puts U+FFFD for half a surrogate pair, so that different texts would have one signature.
  if (LONE_SURROGATE.test(message)) {
    throw new TypeError('the message has half a surrogate pair, which has no UTF-8 form; pass bytes instead');
  }
  return bytes;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * @param {Uint8Array} keypair
 * @returns {Uint8Array}
 */
function keypairBytes(keypair) {
  const bytes = uint8Array(keypair, 'a keypair');
  if (bytes.length !== KEYPAIR_LENGTH) {
    throw new SignerError(
      'KEY_LENGTH',
      `a keypair must be ${KEYPAIR_LENGTH} bytes long (a seed of 32, then its public key); this one has ${bytes.length}`,
    );
  }
  return bytes;
}

/**
 * Not `instanceof`, which fails for arrays of another realm (an iframe, a test runner's sandbox).
 *
 * @param {unknown} value
 * @param {string} what
 * @param {string} [expected]
 * @returns {Uint8Array}
 */
function uint8Array(value, what, expected = 'a Uint8Array') {
  if (Object.prototype.toString.call(value) === '[object Uint8Array]' && ArrayBuffer.isView(value)) {
    return /** @type {Uint8Array} */ (value);
  }
  const actual = value === null ? 'null' : typeof value === 'object' ? 'another object' : typeof value;
  throw new TypeError(`${what} must be ${expected}, not ${actual}`);
}

/**
 * What the module exports; each is described in crates/token-signer/src.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {() => number} max_message_len
 * @property {() => number} get_signing_key_ptr
 * @property {() => number} get_signature_ptr
 * @property {() => number} get_public_key_ptr
 * @property {(length: number) => number} allocate_message
 * @property {() => void} sign
 * @property {() => number} derive_public_key
 * @property {() => number} load_key
 * @property {() => number} sign_loaded
 * @property {() => number} verify
 * @property {() => number} verify_strict
 * @property {(count: number, totalLength: number) => number} allocate_batch
 * @property {() => number} sign_batch
 * @property {() => number} get_batch_signatures_ptr
 * @property {() => void} wipe
 */
