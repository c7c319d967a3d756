// Verifies many signatures at once, with modules made for it.

import { closed, expectOk, isStackOverflow, SignerError } from './errors.mjs';
import { Instance, OneAtATime } from './instance.mjs';
import { compiledWherePossible, UsableModules } from './usable-modules.mjs';
import {
  batches,
  checkedPublicKey,
  kindOf,
  listOf,
  messageBytes,
  publicKeyBytes,
  SIGNATURE_LENGTH,
  uint8Array,
} from './values.mjs';

export { SignerError } from './errors.mjs';

/** Bytes in the head of each signature in a batch: the public key, the signature, and the message's length. */
const HEAD_LENGTH = 100;

/**
 * Verifies Ed25519 signatures (RFC 8032) by the batch, each with a verdict of its own, in a WebAssembly instance of its own.
 *
 * If a key keeps coming, its table is built and held, and its signatures take a fraction of the time. Nothing in a verifier
 * is secret. Errors are those of a {@link import('./signer.mjs').Signer}: a {@link SignerError} with a stable `code`, a
 * `TypeError` for a value of the wrong type, `IN_USE` for a call within another one. A call that traps says `TRAPPED`, and the
 * verifier goes on with a new instance. If it can't make one, it goes on with the next module; if there is none, it is closed.
 *
 * @example
 *   const verifier = await Verifier.create([relaxedBytes, simdBytes, rawBytes]);
 *   verifier.verifyMany([{ publicKey, message: 'hello', signature }]); // [true]
 *   verifier.close();
 */
export class Verifier {
  /** @type {UsableModules<Checker> | undefined} Undefined once the verifier is closed. */
  #modules;
  #turn = new OneAtATime('verifier');

  /**
   * Compiles the modules and makes a verifier of the first that can be used here.
   *
   * @param {Iterable<WebAssembly.Module | WebAssembly.CompileError | BufferSource>} modules in order of preference, such as verifier-lanes-relaxed,
   *   verifier-lanes and signer-raw: compiled, or the bytes of the .wasm files. One that this host cannot compile, or that
   *   fails its self-test here, is passed over. A signer verifies one by one, with the same verdicts.
   * @returns {Promise<Verifier>}
   * @throws {SignerError} `NO_EXPORT`, `SELF_TEST_FAILED`, `TRAPPED`; of the last module, if none can be used
   * @throws {WebAssembly.CompileError} of the last module, likewise
   */
  static async create(modules) {
    return new Verifier(await Promise.all(listOf(modules, 'the modules').map(compiledWherePossible)));
  }

  /**
   * @param {Iterable<import('./usable-modules.mjs').PerhapsModule>} modules as in {@link Verifier.create}, compiled; any number
   *   of verifiers may share them
   * @throws {SignerError} as {@link Verifier.create}
   */
  constructor(modules) {
    const list = listOf(modules, 'the modules');
    if (list.length === 0) throw new TypeError('a verifier needs at least one module, such as signer-raw');
    const usable = new UsableModules(list, {
      make: (module) => new Checker(module),
      isClosed: (checker) => !checker.revive(),
    });
    if (!usable.use((checker) => checker.test())) throw usable.why;
    this.#modules = usable;
  }

  /** The place in the list of the module that is used; -1 once the verifier is closed. */
  get moduleIndex() {
    return this.#turn.run(() => this.#modules?.index ?? -1);
  }

  /**
   * Verifies any number of signatures, in batches of at most 4096 and of 16 MiB of messages. Each verdict is that of
   * {@link import('./signer.mjs').Signer.verify}, whatever else is in the batch.
   *
   * @param {Iterable<Signed>} items an array, a set, a generator and so on. Bytes are read after the last has come
   * @returns {boolean[]} a verdict for each, in their order. A signature that is not 64 bytes long is not valid
   * @throws {SignerError} `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`: of which item is in the message, and nothing was verified;
   *   `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`
   */
  verifyMany(items) {
    return this.#verify(items, 'verify');
  }

  /**
   * The same, with the verdicts of {@link import('./signer.mjs').Signer.verifyStrict}.
   *
   * @param {Iterable<Signed>} items
   * @returns {boolean[]}
   * @throws {SignerError} as {@link Verifier.verifyMany}
   */
  verifyManyStrict(items) {
    return this.#verify(items, 'verify_strict');
  }

  /**
   * Builds the table of a key now, and holds it. You never need this: keys are held as they come. The module holds a few
   * keys, and replaces the least recently used.
   *
   * @param {Uint8Array} publicKey 32 bytes
   * @returns {boolean} false if the key is not a point, the module holds no keys, or it has no memory for one more
   * @throws {SignerError} `PUBLIC_KEY_LENGTH`, `TRAPPED`, `CLOSED`
   */
  hold(publicKey) {
    return this.#run(
      () => publicKeyBytes(publicKey),
      (checker, key) => checker.hold(key),
    );
  }

  /**
   * Ends the verifier: any later call is refused with `CLOSED`. Closing again does nothing.
   *
   * @throws {SignerError} `IN_USE`: nothing is closed then
   */
  close() {
    this.#turn.run(() => {
      this.#modules = undefined;
    });
  }

  /** Closes the verifier at the end of a `using` block. */
  [Symbol.dispose]() {
    this.close();
  }

  /**
   * @param {Iterable<Signed>} items
   * @param {'verify' | 'verify_strict'} check
   */
  #verify(items, check) {
    return this.#run(
      () => checkedItems(items),
      (checker, all) => checker.verify(all, check),
    );
  }

  /**
   * @template T, Given
   * @param {() => Given} take what the caller passes. It may call the caller's code
   * @param {(checker: Checker, given: Given) => T} work
   * @returns {T} what the work gives with the first module that can do it here
   */
  #run(take, work) {
    return this.#turn.run(() => {
      if (!this.#modules) throw closed();
      const given = take();
      const result = this.#modules.use((checker) => work(checker, given));
      if (result !== undefined) return result;
      const { why } = this.#modules;
      this.#modules = undefined;
      throw new SignerError('CLOSED', 'the verifier has no module left to go on with; make a new one', why);
    });
  }
}

/** Verifies with one module, and holds an instance of it. */
class Checker {
  #module;
  /** @type {Instance} */
  #instance;

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.#module = module;
    this.#instance = new Instance(module);
  }

  /**
   * Makes a new instance if this one has trapped.
   *
   * @returns {boolean} whether there is one to go on with
   * @throws {Error} if the stack is too full for it: it can be called again then
   */
  revive() {
    if (!this.#instance.isUnfit) return true;
    try {
      this.#instance = new Instance(this.#module);
    } catch (error) {
      if (isStackOverflow(error)) throw error;
      return false;
    }
    return true;
  }

  /** Has the module test itself, which it does before it verifies anything. */
  test() {
    if (!this.#verifiesOneByOne) this.#verifyBatch([], 'verify_batch');
    return true;
  }

  /**
   * @param {Item[]} items
   * @param {'verify' | 'verify_strict'} check
   * @returns {boolean[]}
   */
  verify(items, check) {
    eachItem(items, ({ message }) => this.#instance.checkMessageLength(message.length));
    if (items.every(isWhole)) return this.#verdictsOf(items, check);
    const verdicts = this.#verdictsOf(items.filter(isWhole), check);
    let next = 0;
    return items.map((item) => isWhole(item) && verdicts[next++]);
  }

  /** @param {Uint8Array} publicKey */
  hold(publicKey) {
    if (!this.#instance.has('hold_key')) return false;
    this.#instance.write(this.#instance.call('get_public_key_ptr'), publicKey);
    return this.#instance.call('hold_key') !== 0;
  }

  close() {
    this.#instance.drop();
  }

  get #verifiesOneByOne() {
    return !this.#instance.has('verify_batch') && this.#instance.has('verify');
  }

  /**
   * @param {Item[]} items
   * @param {'verify' | 'verify_strict'} check
   */
  #verdictsOf(items, check) {
    if (this.#verifiesOneByOne) {
      return items.map(({ publicKey, message, signature }) =>
        this.#instance.verify(check, publicKey, message, signature),
      );
    }
    const byBatch = /** @type {const} */ ({ verify: 'verify_batch', verify_strict: 'verify_batch_strict' })[check];
    const all = batches(items, this.#instance.maxLength, ({ message }) => message.length);
    /** @type {boolean[]} */
    const verdicts = [];
    for (const batch of all) for (const verdict of this.#verifyBatch(batch, byBatch)) verdicts.push(verdict === 1);
    return verdicts;
  }

  /**
   * @param {Item[]} items that fit in one batch
   * @param {'verify_batch' | 'verify_batch_strict'} name
   * @returns {Uint8Array} a byte for each: 1 if it is right
   */
  #verifyBatch(items, name) {
    const instance = this.#instance;
    const total = items.reduce((sum, { message }) => sum + message.length, 0);
    const pointer = instance.call('allocate_verify_batch', items.length, total);
    // 0 is "no room", and verify_batch then says why.
    if (pointer !== 0) {
      let end = HEAD_LENGTH * items.length;
      const bytes = new Uint8Array(instance.buffer, pointer, end + total);
      const view = new DataView(instance.buffer, pointer, end);
      items.forEach(({ publicKey, message, signature }, index) => {
        const head = HEAD_LENGTH * index;
        bytes.set(publicKey, head);
        bytes.set(signature, head + 32);
        view.setUint32(head + 96, message.length, true);
        bytes.set(message, end);
        end += message.length;
      });
    }
    expectOk(instance.call(name));
    return instance.read(instance.call('get_verdicts_ptr'), items.length);
  }
}

/** @param {Item} item */
const isWhole = ({ signature }) => signature.length === SIGNATURE_LENGTH;

/**
 * @param {Iterable<Signed>} items
 * @returns {Item[]} their bytes
 */
function checkedItems(items) {
  // All of them before any of their bytes: an iterator and a getter are the caller's code, and could transfer an earlier buffer.
  const given = listOf(items, 'the items').map((item, index) => {
    if (typeof item !== 'object' || item === null)
      throw new TypeError(`item ${index} must be an object with publicKey, message and signature, not ${kindOf(item)}`);
    const { publicKey, message, signature } = item;
    return { publicKey, message, signature };
  });
  const all = eachItem(given, ({ publicKey, message, signature }) => ({
    publicKey: uint8Array(publicKey, 'a public key'),
    message: messageBytes(message),
    signature: uint8Array(signature, 'a signature'),
  }));
  eachItem(all, ({ publicKey }) => checkedPublicKey(publicKey));
  return all;
}

/**
 * @template T, U
 * @param {T[]} items
 * @param {(item: T) => U} work
 * @returns {U[]}
 * @throws {TypeError | SignerError} what the work throws, and of which item
 */
function eachItem(items, work) {
  return items.map((item, index) => {
    try {
      return work(item);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const said = `item ${index}: ${message}`;
      throw error instanceof SignerError ? new SignerError(error.code, said) : new TypeError(said);
    }
  });
}

/**
 * @typedef {object} Signed what is verified
 * @property {Uint8Array} publicKey 32 bytes
 * @property {string | Uint8Array} message text is taken as its UTF-8 bytes
 * @property {Uint8Array} signature
 *
 * @typedef {{ publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array }} Item
 */
