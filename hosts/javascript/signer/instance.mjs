// An instance of a module, as the signer and the verifier use one.

import { CODES } from './codes.mjs';
import { expectOk, SignerError } from './errors.mjs';

/** An instance, its calls and its memory. */
export class Instance {
  /** @type {Exports | undefined} Undefined once it is dropped. */
  #exports;
  /** It has trapped, so that nothing may be called in it any more. Its owner may say so for other reasons. */
  isUnfit = false;

  /**
   * @param {WebAssembly.Module} module
   * @param {'max_message_len' | 'max_file_len'} limit the export that says how long its input may be
   * @throws {SignerError} `TRAPPED`, `NO_EXPORT`
   */
  constructor(module, limit = 'max_message_len') {
    const { exports } = new WebAssembly.Instance(module, {});
    this.#exports = /** @type {Exports} */ (/** @type {unknown} */ (exports));
    /** In bytes: of a message, and of the messages of a batch together; or of a file with a key. */
    this.maxLength = this.call(limit);
  }

  /** Clears linear memory from outside, and drops the instance. */
  clear() {
    if (this.#exports) new Uint8Array(this.#exports.memory.buffer).fill(0);
    this.drop();
  }

  /** From now on, every export is one that the module lacks. */
  drop() {
    this.#exports = undefined;
  }

  /** @param {ExportName} name */
  has(name) {
    return this.#exports?.[name] !== undefined;
  }

  /**
   * Calls an export. The modules have no imports, so whatever is thrown there is a trap: the instance is finished.
   *
   * @param {ExportName} name
   * @param {number[]} args
   * @returns {number} its result, as an unsigned number: pointers over 2 GiB would come out negative
   * @throws {SignerError} `TRAPPED`; `NO_EXPORT` if the module lacks it: signer-lanes cannot verify, signer-small has no batches
   */
  call(name, ...args) {
    const exported = /** @type {((...args: number[]) => number) | undefined} */ (this.#exports?.[name]);
    if (!exported) {
      throw new SignerError('NO_EXPORT', `this module does not export ${name}; use another, such as signer-raw`);
    }
    try {
      return exported(...args) >>> 0;
    } catch (cause) {
      this.isUnfit = true;
      throw new SignerError('TRAPPED', `${name} trapped, and its instance was dropped`, cause);
    }
  }

  /** Linear memory as it is now. A view of it is empty once memory has grown: make one for each access. */
  get buffer() {
    return /** @type {Exports} */ (this.#exports).memory.buffer;
  }

  /**
   * @param {number} pointer
   * @param {Uint8Array} bytes
   */
  write(pointer, bytes) {
    new Uint8Array(this.buffer, pointer, bytes.length).set(bytes);
  }

  /**
   * @param {number} pointer
   * @param {number} length in bytes
   * @returns {Uint8Array} a copy
   */
  read(pointer, length) {
    return new Uint8Array(this.buffer, pointer, length).slice();
  }

  /**
   * @param {Uint8Array} message
   * @returns {boolean} whether there was room; if not, the next call on the message says why
   */
  putMessage(message) {
    const pointer = this.call('allocate_message', message.length);
    if (pointer === 0) return false;
    this.write(pointer, message);
    return true;
  }

  /**
   * @param {'verify' | 'verify_strict'} name
   * @param {Uint8Array} publicKey 32 bytes
   * @param {Uint8Array} message
   * @param {Uint8Array} signature 64 bytes
   * @returns {boolean}
   */
  verify(name, publicKey, message, signature) {
    this.putMessage(message);
    this.write(this.call('get_public_key_ptr'), publicKey);
    this.write(this.call('get_signature_ptr'), signature);
    const status = this.call(name);
    if (status === CODES.SIGNATURE_INVALID) return false;
    expectOk(status);
    return true;
  }

  /** @param {number} length of a message, in bytes */
  checkMessageLength(length) {
    if (length > this.maxLength) {
      throw new SignerError(
        'MESSAGE_TOO_LARGE',
        `a message may have at most ${this.maxLength} bytes; this one has ${length}`,
      );
    }
  }
}

/** Lets one call in at a time. */
export class OneAtATime {
  #isInUse = false;
  #what;

  /** @param {string} what is called, for the error */
  constructor(what) {
    this.#what = what;
  }

  /**
   * @template T
   * @param {() => T} work
   * @returns {T}
   * @throws {SignerError} `IN_USE`
   */
  run(work) {
    if (this.#isInUse) throw new SignerError('IN_USE', `another call of this ${this.#what} is in progress`);
    this.#isInUse = true;
    try {
      return work();
    } finally {
      this.#isInUse = false;
    }
  }
}

/**
 * What a module exports; each is described in crates/token-signer/src, those of a verifier in
 * crates/token-signer-lanes/src, and those of keys in crates/key-files/src.
 *
 * @typedef {'max_message_len' | 'get_signing_key_ptr' | 'get_signature_ptr' | 'get_public_key_ptr' | 'allocate_message' | 'sign'
 *   | 'derive_public_key' | 'load_key' | 'sign_loaded' | 'verify' | 'verify_strict' | 'allocate_batch' | 'sign_batch'
 *   | 'get_batch_signatures_ptr' | 'wipe' | 'hold_key' | 'allocate_verify_batch' | 'verify_batch' | 'verify_batch_strict'
 *   | 'get_verdicts_ptr' | 'max_file_len' | 'get_file_ptr' | 'file_len' | 'get_seed_ptr' | 'has_public_key'
 *   | 'read_private_key' | 'read_public_key' | 'write_private_key' | 'write_public_key'} ExportName
 *
 * @typedef {Record<ExportName, (...values: number[]) => number> & { memory: WebAssembly.Memory }} Exports
 */
