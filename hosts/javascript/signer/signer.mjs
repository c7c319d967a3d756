// The wrapper of the signer modules (signer-raw and its kin). It uses nothing but WebAssembly and TextEncoder, and runs in
// browsers, Node, Deno and Bun alike: copy this folder into your project, or install it.

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
 * stable `code`. A value of the wrong type is a `TypeError`, and so is a `Uint8Array` whose buffer was transferred or
 * has shrunk. If a call fails, no copy of a secret that was passed to it is left.
 *
 * A signer does one call at a time: a call from within another one, such as in an iterator that `signMany` reads, is
 * refused with `IN_USE`. Close the signer when you are done: JavaScript does not do it for you.
 *
 * A call of something that the module does not export says `NO_EXPORT`, and changes nothing. A call that traps says
 * `TRAPPED`; the signer goes on with a new instance and the held key. If there can be no such
 * instance, the signer is closed, and every later call says `CLOSED`.
 *
 * @example
 *   const signer = await Signer.create(await readFile('signer-raw.wasm'), keypair);
 *   const signature = signer.sign('hello');
 *   signer.close();
 */
export class Signer {
  /** @type {WebAssembly.Module} */
  #module;
  /** @type {Exports | undefined} Undefined if there is no instance. */
  #exports;
  /**
   * The instance has trapped, or has a secret that was not cleared. It is cleared and replaced before anything else is
   * done. True while a secret is handed to the module, so that it stays true if the stack runs out on the way.
   */
  #isUnfit = false;
  /** A copy of the held key, to load it again after a trap. */
  #keypair = new Uint8Array(KEYPAIR_LENGTH);
  #hasKey = false;
  /** @type {BatchModules} */
  #batch;
  #maxMessageLength = 0;
  #isClosed = false;
  #isInUse = false;

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
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`
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
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`
   */
  constructor(module, keypair, { batchModules = [] } = {}) {
    this.#module = module;
    this.#batch = new BatchModules(batchModules, {
      make: (batchModule) => new Signer(batchModule),
      isClosed: (signer) => signer.#isClosed,
    });
    this.#start();
    if (keypair !== undefined) this.#run(() => this.#load(keypair));
  }

  /**
   * The public key of the held key, 32 bytes.
   *
   * @throws {SignerError} `NO_KEY`, `CLOSED`
   */
  get publicKey() {
    return this.#run(() => this.#heldKeypair().slice(SEED_LENGTH));
  }

  /**
   * The place in `batchModules` of the module that `signMany` uses. -1 where that is the main module, and before the
   * first batch of two messages or more, for which the choice is made.
   */
  get batchModule() {
    return this.#alone(() => this.#batch.index);
  }

  /**
   * Signs one message with the held key.
   *
   * @param {string | Uint8Array} message of at most 16 MiB
   * @returns {Uint8Array} the signature, 64 bytes
   * @throws {SignerError} `NO_KEY`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`
   */
  sign(message) {
    return this.#run(() => {
      const bytes = messageBytes(message);
      this.#heldKeypair();
      this.#checkMessageLength(bytes.length);
      this.#putMessage(bytes);
      this.#expectOk(this.#call('sign_loaded'));
      return this.#read(this.#call('get_signature_ptr'), SIGNATURE_LENGTH);
    });
  }

  /**
   * Signs any number of messages with the held key, with far less work than one at a time. They go to the module
   * in batches of at most 4096 messages and 16 MiB; where there are two messages or more, and batch modules, to the
   * first of those that can be used here. The signatures are the same.
   *
   * @param {Iterable<string | Uint8Array>} messages an array, a set, a generator and so on. Bytes are read after the
   *   last message has come
   * @returns {Uint8Array[]} the signatures, in the order of the messages
   * @throws {SignerError} as {@link Signer.sign}; nothing is returned then
   */
  signMany(messages) {
    return this.#run(() => {
      // All of them before any of their bytes: an iterator is the caller's code, and could transfer an earlier buffer.
      const all = listOf(messages).map(messageBytes);
      const keypair = this.#heldKeypair();
      for (const message of all) this.#checkMessageLength(message.length);
      const batchSigner = all.length > 1 ? this.#batch.signerOf(keypair) : undefined;
      return batchSigner ? batchSigner.#run(() => batchSigner.#signAll(all)) : this.#signAll(all);
    });
  }

  /**
   * Signs one message with a key that is passed for this call only, the way the book's first listing does. It takes
   * twice as long as {@link Signer.sign}. The held key stays as it is.
   *
   * @param {Uint8Array} keypair 64 bytes
   * @param {string | Uint8Array} message
   * @returns {Uint8Array} the signature, 64 bytes
   * @throws {SignerError} `KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `CLOSED`, and `TRAPPED` if the
   *   halves of the keypair do not belong together: the export `sign` has no other way to say so
   */
  signWith(keypair, message) {
    return this.#run(() => {
      const key = keypairBytes(keypair);
      const bytes = messageBytes(message);
      this.#checkMessageLength(bytes.length);
      if (!this.#putMessage(bytes)) throw new SignerError('OUT_OF_MEMORY', 'no room for the message in linear memory');
      this.#callWithSecret('sign', key);
      return this.#read(this.#call('get_signature_ptr'), SIGNATURE_LENGTH);
    });
  }

  /**
   * Verifies as most libraries do: the encoding of S·B − k·A must be the bytes of R.
   *
   * @param {Uint8Array} publicKey 32 bytes
   * @param {string | Uint8Array} message
   * @param {Uint8Array} signature one that is not 64 bytes long is not valid
   * @returns {boolean}
   * @throws {SignerError} `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`
   */
  verify(publicKey, message, signature) {
    return this.#run(() => this.#verifyBy('verify', publicKey, message, signature));
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
    return this.#run(() => this.#verifyBy('verify_strict', publicKey, message, signature));
  }

  /**
   * The public key that belongs to a seed.
   *
   * @param {Uint8Array} seed 32 bytes
   * @returns {Uint8Array} 32 bytes
   * @throws {SignerError} `KEY_LENGTH`, `SELF_TEST_FAILED`, `TRAPPED`, `CLOSED`
   */
  derivePublicKey(seed) {
    return this.#run(() => {
      const bytes = bytesOfLength(SEED_LENGTH, seed, 'a seed', 'KEY_LENGTH');
      this.#callWithSecret('derive_public_key', bytes);
      return this.#read(this.#call('get_public_key_ptr'), PUBLIC_KEY_LENGTH);
    });
  }

  /**
   * Replaces the held key. Whatever goes wrong, no key is held afterwards.
   *
   * @param {Uint8Array} keypair 64 bytes; the signer keeps a copy of its own until `wipe` or `close`
   * @returns {Uint8Array} its public key, 32 bytes
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`, `CLOSED`
   */
  loadKey(keypair) {
    return this.#run(() => this.#load(keypair));
  }

  /**
   * Clears every secret, in linear memory and in the signer's own copy. No key is held afterwards.
   *
   * @throws {SignerError} `TRAPPED`, `CLOSED`; the secrets are cleared all the same
   */
  wipe() {
    this.#run(() => this.#forget());
  }

  /**
   * Clears every secret and ends the signer: any later call is refused with `CLOSED`. Closing again does nothing.
   *
   * @throws {SignerError} `IN_USE`: nothing is closed then
   */
  close() {
    this.#alone(() => this.#end());
  }

  /** Closes the signer at the end of a `using` block. */
  [Symbol.dispose]() {
    this.close();
  }

  /**
   * Every method that needs an instance goes through here. It clears what this call leaves if it fails, and what the
   * call before could not clear because the stack was full.
   *
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  #run(work) {
    return this.#alone(() => {
      this.#restore();
      if (this.#isClosed) throw new SignerError('CLOSED', 'the signer was closed; make a new one');
      try {
        return work();
      } catch (error) {
        try {
          this.#restore();
        } catch {
          // The stack is full. The next call does it, or `close`.
        }
        throw error;
      }
    });
  }

  /**
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  #alone(work) {
    if (this.#isInUse) throw new SignerError('IN_USE', 'another call of this signer is in progress');
    this.#isInUse = true;
    try {
      return work();
    } finally {
      this.#isInUse = false;
    }
  }

  /**
   * Clears and replaces an instance that is unfit, or ends the signer if that cannot be done.
   *
   * @throws {Error} if the stack is too full for it: it can be called again then
   */
  #restore() {
    if (!this.#isUnfit) return;
    if (this.#isClosed) return this.#end();
    this.#clearInstance();
    if (!this.#hasKey) {
      this.#keypair.fill(0);
      this.#batch.close();
    }
    try {
      this.#start();
      this.#isUnfit = false;
    } catch (error) {
      if (isStackOverflow(error)) throw error;
      this.#end();
    }
  }

  /** Makes an instance, and loads the held key into it. */
  #start() {
    const { exports } = new WebAssembly.Instance(this.#module, {});
    this.#exports = /** @type {Exports} */ (/** @type {unknown} */ (exports));
    this.#maxMessageLength = this.#call('max_message_len');
    if (this.#hasKey) this.#putHeldKey();
  }

  /** Ends the signer. If the stack runs out in it, it can be called again. */
  #end() {
    const isFit = !this.#isUnfit;
    this.#isClosed = true;
    this.#isUnfit = true;
    this.#hasKey = false;
    this.#keypair.fill(0);
    this.#batch.close();
    try {
      // Clearing all of linear memory takes longer: the module knows where its secrets are.
      if (isFit) this.#exports?.wipe();
      else this.#clearInstance();
    } catch {
      this.#clearInstance();
    }
    this.#exports = undefined;
    this.#isUnfit = false;
  }

  /** Clears linear memory from outside, and drops the instance. */
  #clearInstance() {
    if (this.#exports) new Uint8Array(this.#exports.memory.buffer).fill(0);
    this.#exports = undefined;
  }

  /**
   * @param {Uint8Array} keypair
   * @returns {Uint8Array} its public key
   */
  #load(keypair) {
    this.#isUnfit = true;
    this.#hasKey = false;
    try {
      this.#batch.wipe();
      const key = keypairBytes(keypair);
      this.#keypair.set(key);
      this.#putHeldKey();
    } catch (error) {
      try {
        // An instance that trapped is not called again, not even for this.
        if (!isTrap(error)) this.#forget();
      } catch {
        // It is still unfit, so that it is replaced.
      }
      throw error;
    }
    this.#hasKey = true;
    this.#isUnfit = false;
    return this.#keypair.slice(SEED_LENGTH);
  }

  #putHeldKey() {
    this.#write(this.#call('get_signing_key_ptr'), this.#keypair);
    this.#expectOk(this.#call('load_key'));
  }

  #forget() {
    this.#isUnfit = true;
    this.#hasKey = false;
    this.#keypair.fill(0);
    this.#batch.wipe();
    this.#call('wipe');
    this.#isUnfit = false;
  }

  /**
   * Calls an export with a secret in the key buffer. However that ends, the secret does not stay there. If it is
   * refused, the instance stays unfit: a refusal leaves copies on the module's stack.
   *
   * @param {'sign' | 'derive_public_key'} name
   * @param {Uint8Array} secret
   */
  #callWithSecret(name, secret) {
    const pointer = this.#call('get_signing_key_ptr');
    this.#isUnfit = true;
    this.#write(pointer, secret);
    this.#expectOk(this.#call(name));
    this.#write(pointer, new Uint8Array(secret.length));
    this.#isUnfit = false;
  }

  /**
   * @param {Uint8Array[]} messages
   * @returns {Uint8Array[]} their signatures
   */
  #signAll(messages) {
    /** @type {Uint8Array[]} */
    const signatures = [];
    for (const batch of batches(messages, this.#maxMessageLength)) this.#signBatch(batch, signatures);
    return signatures;
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
    const bytes = messageBytes(message);
    const given = uint8Array(signature, 'a signature');
    const key = bytesOfLength(PUBLIC_KEY_LENGTH, publicKey, 'a public key', 'PUBLIC_KEY_LENGTH');
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
   * Calls an export. The modules have no imports, so whatever is thrown there is a trap: the instance is finished.
   *
   * @param {ExportName} name
   * @param {number[]} args
   * @returns {number} its result, as an unsigned number: pointers over 2 GiB would come out negative
   */
  #call(name, ...args) {
    const exported = this.#exported(name);
    try {
      return exported(...args) >>> 0;
    } catch (cause) {
      this.#isUnfit = true;
      throw new SignerError('TRAPPED', `${name} trapped, and its instance was dropped`, cause);
    }
  }

  /**
   * @param {ExportName} name
   * @returns {(...args: number[]) => number}
   * @throws {SignerError} `NO_EXPORT` if the module lacks it: signer-lanes cannot verify, signer-small has no batches
   */
  #exported(name) {
    const exported = /** @type {((...args: number[]) => number) | undefined} */ (this.#live()[name]);
    if (!exported) {
      throw new SignerError('NO_EXPORT', `this module does not export ${name}; use another, such as signer-raw`);
    }
    return exported;
  }

  #live() {
    return /** @type {Exports} */ (this.#exports);
  }

  #heldKeypair() {
    if (!this.#hasKey) throw new SignerError('NO_KEY', 'no key is held; load one with loadKey');
    return this.#keypair;
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
 * Splits messages into batches by count and by bytes.
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
  if (batch.length > 0) yield batch;
}

/**
 * @param {Iterable<string | Uint8Array>} messages
 * @returns {(string | Uint8Array)[]}
 */
function listOf(messages) {
  // Text and bytes can be iterated too, but are meant as one message.
  if (
    typeof messages === 'object' &&
    messages !== null &&
    !(messages instanceof String) &&
    !ArrayBuffer.isView(messages)
  ) {
    if (typeof messages[Symbol.iterator] === 'function') return [...messages];
  }
  throw new TypeError(`the messages must be an array or another iterable object, not ${kindOf(messages)}`);
}

/**
 * @param {string | Uint8Array} message
 * @returns {Uint8Array}
 */
function messageBytes(message) {
  if (typeof message !== 'string') return uint8Array(message, 'a message', 'a string or a Uint8Array');
  const bytes = ENCODER.encode(message);
  // The encoder puts U+FFFD for half a surrogate pair, so that different texts would have one signature.
  if (LONE_SURROGATE.test(message)) {
    throw new TypeError('the message has half a surrogate pair, which has no UTF-8 form; pass bytes instead');
  }
  return bytes;
}

const ENCODER = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/** @param {Uint8Array} keypair */
const keypairBytes = (keypair) =>
  bytesOfLength(KEYPAIR_LENGTH, keypair, 'a keypair', 'KEY_LENGTH', ' (a seed of 32, then its public key)');

/**
 * @param {number} length
 * @param {unknown} value
 * @param {string} what it is, for the error
 * @param {Code} code if it has another length
 */
function bytesOfLength(length, value, what, code, hint = '') {
  const bytes = uint8Array(value, what);
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
function kindOf(value) {
  return value === null ? 'null' : typeof value === 'object' ? 'another object' : typeof value;
}

/** @param {unknown} error */
function isTrap(error) {
  return error instanceof SignerError && error.code === 'TRAPPED';
}

/**
 * Whether something failed because the stack was full, so that it can be tried again later. An export throws a
 * RangeError for nothing else; making an instance may also throw one because the host gives no more memory.
 *
 * @param {unknown} error
 */
function isStackOverflow(error) {
  if (isTrap(error)) return isOfStack(/** @type {SignerError} */ (error).cause);
  if (!isOfStack(error)) return false;
  return !hasStack(1000);
}

/** @param {unknown} error Firefox calls it InternalError */
function isOfStack(error) {
  return error instanceof RangeError || (error instanceof Error && error.name === 'InternalError');
}

/**
 * @param {number} calls
 * @returns {boolean} whether the stack has room for so many more calls
 */
function hasStack(calls) {
  try {
    return calls === 0 || hasStack(calls - 1);
  } catch {
    return false;
  }
}

/**
 * What the module exports; each is described in crates/token-signer/src.
 *
 * @typedef {'max_message_len' | 'get_signing_key_ptr' | 'get_signature_ptr' | 'get_public_key_ptr' | 'allocate_message' | 'sign'
 *   | 'derive_public_key' | 'load_key' | 'sign_loaded' | 'verify' | 'verify_strict' | 'allocate_batch' | 'sign_batch'
 *   | 'get_batch_signatures_ptr' | 'wipe'} ExportName
 *
 * @typedef {Record<ExportName, (...values: number[]) => number> & { memory: WebAssembly.Memory }} Exports
 */
