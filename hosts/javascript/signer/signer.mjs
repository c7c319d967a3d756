// The wrapper of the signer modules (signer-raw and its kin). It uses nothing but WebAssembly and TextEncoder, and runs in
// browsers, Node, Deno and Bun alike: copy this folder into your project, or install it.

import { closed, expectOk, isStackOverflow, isTrap, SignerError } from './errors.mjs';
import { Instance, OneAtATime } from './instance.mjs';
import { PrivateKey } from './private-key.mjs';
import { signToken } from './token.mjs';
import { compiledWherePossible, UsableModules } from './usable-modules.mjs';
import {
  batches,
  checkedLength,
  KEYPAIR_LENGTH,
  kindOf,
  listOf,
  messageBytes,
  PUBLIC_KEY_LENGTH,
  publicKeyBytes,
  SEED_LENGTH,
  SIGNATURE_LENGTH,
  uint8Array,
} from './values.mjs';

export { SignerError } from './errors.mjs';
export { PrivateKey } from './private-key.mjs';
export { KEYPAIR_LENGTH, MAX_BATCH_COUNT, PUBLIC_KEY_LENGTH, SEED_LENGTH, SIGNATURE_LENGTH } from './values.mjs';

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
  /**
   * Unfit if it has trapped, or has a secret that was not cleared: it is cleared and replaced before anything else is
   * done. So it is while a secret is handed to the module, and it stays so if the stack runs out on the way.
   *
   * @type {Instance}
   */
  #instance;
  /** A copy of the held key, to load it again after a trap. */
  #keypair = new Uint8Array(KEYPAIR_LENGTH);
  #hasKey = false;
  /** @type {UsableModules<Signer>} */
  #batch;
  #isClosed = false;
  #turn = new OneAtATime('signer');

  /**
   * Compiles the module and makes a signer of it.
   *
   * @param {WebAssembly.Module | BufferSource} moduleOrBytes compiled, or the bytes of the .wasm file
   * @param {Uint8Array} [keypair] 64 bytes: the seed of 32, then its public key. Without one, the signer verifies
   *   and derives public keys, and `sign` is refused with `NO_KEY` until `loadKey` is called.
   * @param {object} [options]
   * @param {readonly (WebAssembly.Module | WebAssembly.CompileError | BufferSource)[]} [options.batchModules] for `signMany` of two messages or more,
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
   * @param {readonly PerhapsModule[]} [options.batchModules] as in {@link Signer.create}, compiled
   * @throws {SignerError} `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`
   */
  constructor(module, keypair, { batchModules = [] } = {}) {
    this.#module = module;
    this.#batch = new UsableModules(batchModules, {
      make: (batchModule) => new Signer(batchModule),
      isClosed: (signer) => signer.#isClosed,
    });
    this.#instance = new Instance(module);
    if (keypair !== undefined) this.#run(() => this.#load(keypair));
  }

  /**
   * Makes a signer that holds a private key. Its public key is derived, unless one stood beside it.
   *
   * @param {WebAssembly.Module | BufferSource} moduleOrBytes as in {@link Signer.create}
   * @param {PrivateKey} key which the signer copies
   * @param {Parameters<typeof Signer.create>[2]} [options] as in {@link Signer.create}
   * @returns {Promise<Signer>}
   * @throws {SignerError} `KEY_PAIR_MISMATCH` if the public key beside the seed is not its own; `SELF_TEST_FAILED`,
   *   `NO_EXPORT`, `TRAPPED`, and `CLOSED` if the key was closed
   */
  static async fromPrivateKey(moduleOrBytes, key, options) {
    if (!(key instanceof PrivateKey)) throw new TypeError(`the key must be a PrivateKey, not ${kindOf(key)}`);
    const signer = await Signer.create(moduleOrBytes, undefined, options);
    const { seed } = key;
    const keypair = new Uint8Array(KEYPAIR_LENGTH);
    try {
      const publicKey = key.publicKey ?? signer.derivePublicKey(seed);
      keypair.set(seed);
      keypair.set(publicKey, SEED_LENGTH);
      signer.loadKey(keypair);
      return signer;
    } catch (error) {
      signer.close();
      throw error;
    } finally {
      seed.fill(0);
      keypair.fill(0);
    }
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
    return this.#turn.run(() => this.#batch.index);
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
      this.#instance.checkMessageLength(bytes.length);
      this.#instance.putMessage(bytes);
      expectOk(this.#instance.call('sign_loaded'));
      return this.#signature();
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
      const all = listOf(messages, 'the messages').map(messageBytes);
      const keypair = this.#heldKeypair();
      for (const message of all) this.#instance.checkMessageLength(message.length);
      const batchSigner = all.length > 1 ? this.#batchSigner(keypair) : undefined;
      return batchSigner ? batchSigner.#run(() => batchSigner.#signAll(all)) : this.#signAll(all);
    });
  }

  /**
   * Makes a JSON Web Token in the compact form: header.payload.signature, each in base64url.
   *
   * @param {Record<string, unknown>} claims the payload
   * @param {import('./token.mjs').TokenOptions} [options]
   * @returns {string}
   * @throws {TypeError} if the claims are no object in JSON
   * @throws {SignerError} as {@link Signer.sign}
   */
  signToken(claims, options) {
    return signToken(this, claims, options);
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
      this.#instance.checkMessageLength(bytes.length);
      if (!this.#instance.putMessage(bytes))
        throw new SignerError('OUT_OF_MEMORY', 'no room for the message in linear memory');
      this.#callWithSecret('sign', key);
      return this.#signature();
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
      const bytes = checkedLength(SEED_LENGTH, uint8Array(seed, 'a seed'), 'a seed', 'KEY_LENGTH');
      this.#callWithSecret('derive_public_key', bytes);
      return this.#instance.read(this.#instance.call('get_public_key_ptr'), PUBLIC_KEY_LENGTH);
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
    this.#turn.run(() => this.#end());
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
    return this.#turn.run(() => {
      this.#restore();
      if (this.#isClosed) throw closed();
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
   * Clears and replaces an instance that is unfit, or ends the signer if that cannot be done.
   *
   * @throws {Error} if the stack is too full for it: it can be called again then
   */
  #restore() {
    if (!this.#instance.isUnfit) return;
    if (this.#isClosed) return this.#end();
    this.#instance.clear();
    if (!this.#hasKey) {
      this.#keypair.fill(0);
      this.#batch.close();
    }
    try {
      const instance = new Instance(this.#module);
      instance.isUnfit = true;
      this.#instance = instance;
      if (this.#hasKey) this.#putHeldKey();
      instance.isUnfit = false;
    } catch (error) {
      if (isStackOverflow(error)) throw error;
      this.#end();
    }
  }

  /** Ends the signer. If the stack runs out in it, it can be called again. */
  #end() {
    const isFit = !this.#instance.isUnfit;
    this.#isClosed = true;
    this.#instance.isUnfit = true;
    this.#hasKey = false;
    this.#keypair.fill(0);
    this.#batch.close();
    try {
      // Clearing all of linear memory takes longer: the module knows where its secrets are.
      if (isFit) this.#instance.call('wipe');
      else this.#instance.clear();
    } catch {
      this.#instance.clear();
    }
    this.#instance.drop();
    this.#instance.isUnfit = false;
  }

  /**
   * @param {Uint8Array} keypair
   * @returns {Uint8Array} its public key
   */
  #load(keypair) {
    this.#instance.isUnfit = true;
    this.#hasKey = false;
    try {
      this.#batch.current()?.wipe();
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
    this.#instance.isUnfit = false;
    return this.#keypair.slice(SEED_LENGTH);
  }

  #putHeldKey() {
    this.#instance.write(this.#instance.call('get_signing_key_ptr'), this.#keypair);
    expectOk(this.#instance.call('load_key'));
  }

  #forget() {
    this.#instance.isUnfit = true;
    this.#hasKey = false;
    this.#keypair.fill(0);
    this.#batch.current()?.wipe();
    this.#instance.call('wipe');
    this.#instance.isUnfit = false;
  }

  /**
   * Calls an export with a secret in the key buffer. However that ends, the secret does not stay there. If it is
   * refused, the instance stays unfit: a refusal leaves copies on the module's stack.
   *
   * @param {'sign' | 'derive_public_key'} name
   * @param {Uint8Array} secret
   */
  #callWithSecret(name, secret) {
    const instance = this.#instance;
    const pointer = instance.call('get_signing_key_ptr');
    instance.isUnfit = true;
    instance.write(pointer, secret);
    expectOk(instance.call(name));
    instance.write(pointer, new Uint8Array(secret.length));
    instance.isUnfit = false;
  }

  #signature() {
    return this.#instance.read(this.#instance.call('get_signature_ptr'), SIGNATURE_LENGTH);
  }

  /**
   * A signer of a batch module that holds the key, or undefined where none can be used.
   *
   * @param {Uint8Array} keypair a valid one
   */
  #batchSigner(keypair) {
    return this.#batch.use((signer) => {
      if (!signer.#hasKey) signer.loadKey(keypair);
      return signer;
    });
  }

  /**
   * @param {Uint8Array[]} messages
   * @returns {Uint8Array[]} their signatures
   */
  #signAll(messages) {
    /** @type {Uint8Array[]} */
    const signatures = [];
    for (const batch of batches(messages, this.#instance.maxLength, lengthOf)) this.#signBatch(batch, signatures);
    return signatures;
  }

  /**
   * @param {Uint8Array[]} messages that fit in one batch
   * @param {Uint8Array[]} signatures where the signatures go
   */
  #signBatch(messages, signatures) {
    const instance = this.#instance;
    const total = messages.reduce((sum, message) => sum + message.length, 0);
    const pointer = instance.call('allocate_batch', messages.length, total);
    // 0 is "no room", and sign_batch then says why.
    if (pointer !== 0) {
      const { buffer } = instance;
      const lengths = new DataView(buffer, pointer, 4 * messages.length);
      const room = new Uint8Array(buffer, pointer + lengths.byteLength, total);
      let offset = 0;
      messages.forEach((message, index) => {
        lengths.setUint32(4 * index, message.length, true);
        room.set(message, offset);
        offset += message.length;
      });
    }
    expectOk(instance.call('sign_batch'));
    const all = instance.read(instance.call('get_batch_signatures_ptr'), SIGNATURE_LENGTH * messages.length);
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
    const key = publicKeyBytes(publicKey);
    this.#instance.checkMessageLength(bytes.length);
    return given.length === SIGNATURE_LENGTH && this.#instance.verify(name, key, bytes, given);
  }

  #heldKeypair() {
    if (!this.#hasKey) throw new SignerError('NO_KEY', 'no key is held; load one with loadKey');
    return this.#keypair;
  }
}

/** @param {Uint8Array} message */
const lengthOf = (message) => message.length;

/** @param {Uint8Array} keypair */
function keypairBytes(keypair) {
  const what = 'a keypair';
  return checkedLength(
    KEYPAIR_LENGTH,
    uint8Array(keypair, what),
    what,
    'KEY_LENGTH',
    ' (a seed of 32, then its public key)',
  );
}

/** @typedef {import('./usable-modules.mjs').PerhapsModule} PerhapsModule */
