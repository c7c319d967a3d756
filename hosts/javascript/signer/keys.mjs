// Reads and writes keys as people have them: PKCS#8, SubjectPublicKeyInfo and JWK. The module `keys` does it, so that every
// language gives the same verdicts.

import { closed, expectOk, isStackOverflow, isTrap, SignerError } from './errors.mjs';
import { Instance, OneAtATime } from './instance.mjs';
import { PrivateKey } from './private-key.mjs';
import { kindOf, PUBLIC_KEY_LENGTH, publicKeyBytes, SEED_LENGTH, textOrBytes } from './values.mjs';

export { SignerError } from './errors.mjs';
export { PrivateKey } from './private-key.mjs';

/** The numbers that the module has for the forms. */
const FORMS = { pem: 1, der: 2, jwk: 3 };

/**
 * Reads and writes files with an Ed25519 key (RFC 8410 as PEM or DER, RFC 8037 as JWK), in a WebAssembly instance of its own.
 *
 * It computes nothing: a public key beside a seed is taken as it is, and {@link import('./signer.mjs').Signer.fromPrivateKey}
 * refuses one that is not the seed's own. Nothing of a key stays in linear memory after a call. Errors are those of a signer:
 * a {@link SignerError} with a stable `code`, a `TypeError` for a value of the wrong type, `IN_USE` for a call within another
 * one. A call that traps says `TRAPPED`, and the next one has a new instance; if there can be none, it says `CLOSED`.
 *
 * @example
 *   const keys = await Keys.create(await readFile('keys.wasm'));
 *   const key = keys.readPrivateKey(await readFile('alice.pem'));
 */
export class Keys {
  #module;
  /**
   * Unfit if it may still have a secret: it is cleared and replaced before anything else is done.
   *
   * @type {Instance}
   */
  #instance;
  #isClosed = false;
  #turn = new OneAtATime('reader of keys');

  /**
   * Compiles the module.
   *
   * @param {WebAssembly.Module | BufferSource} moduleOrBytes the module `keys`: compiled, or the bytes of the .wasm file
   * @returns {Promise<Keys>}
   * @throws {SignerError} `NO_EXPORT`, `TRAPPED`
   */
  static async create(moduleOrBytes) {
    return new Keys(
      moduleOrBytes instanceof WebAssembly.Module ? moduleOrBytes : await WebAssembly.compile(moduleOrBytes),
    );
  }

  /**
   * @param {WebAssembly.Module} module compiled; any number of readers may share it
   * @throws {SignerError} as {@link Keys.create}
   */
  constructor(module) {
    this.#module = module;
    this.#instance = new Instance(module, 'max_file_len');
  }

  /**
   * Reads a private key: PKCS#8 as PEM or DER, or a JWK with `d`. Which it is, is seen from the file.
   *
   * @param {string | Uint8Array} file of at most 16384 bytes
   * @returns {PrivateKey} with its public key, if one stands beside it
   * @throws {SignerError} `KEY_FORMAT` and the codes after it, such as `KEY_ENCRYPTED` and `KEY_IS_PUBLIC`; `KEY_LENGTH`,
   *   `PUBLIC_KEY_LENGTH`, `TRAPPED`, `CLOSED`
   */
  readPrivateKey(file) {
    return this.#run((instance) => {
      readFile(instance, 'read_private_key', file);
      const seed = instance.read(instance.call('get_seed_ptr'), SEED_LENGTH);
      try {
        return new PrivateKey(seed, instance.call('has_public_key') ? publicKeyOf(instance) : undefined);
      } finally {
        seed.fill(0);
      }
    });
  }

  /**
   * Reads a public key: SubjectPublicKeyInfo as PEM or DER, or a JWK without `d`.
   *
   * @param {string | Uint8Array} file of at most 16384 bytes
   * @returns {Uint8Array} 32 bytes
   * @throws {SignerError} `KEY_FORMAT` and the codes after it, such as `KEY_IS_PRIVATE`; `PUBLIC_KEY_LENGTH`, `TRAPPED`, `CLOSED`
   */
  readPublicKey(file) {
    return this.#run((instance) => {
      readFile(instance, 'read_public_key', file);
      return publicKeyOf(instance);
    });
  }

  /**
   * Writes a private key, with the public key if it has one.
   *
   * @template {Form} Wanted
   * @param {PrivateKey} key
   * @param {Wanted} form
   * @returns {Written<Wanted>}
   * @throws {SignerError} `KEY_JWK` for a JWK if the key has no public key, which must be in it; `TRAPPED`, `CLOSED`, which is
   *   also said of a key that was closed
   */
  writePrivateKey(key, form) {
    return this.#run((instance) => {
      if (!(key instanceof PrivateKey)) throw new TypeError(`the key must be a PrivateKey, not ${kindOf(key)}`);
      const number = numberOf(form);
      const { seed, publicKey } = key;
      try {
        instance.write(instance.call('get_seed_ptr'), seed);
      } finally {
        seed.fill(0);
      }
      if (publicKey) instance.write(instance.call('get_public_key_ptr'), publicKey);
      return written(instance, form, instance.call('write_private_key', number, Number(publicKey !== undefined)));
    });
  }

  /**
   * Writes a public key.
   *
   * @template {Form} Wanted
   * @param {Uint8Array} publicKey 32 bytes
   * @param {Wanted} form
   * @returns {Written<Wanted>}
   * @throws {SignerError} `PUBLIC_KEY_LENGTH`, `TRAPPED`, `CLOSED`
   */
  writePublicKey(publicKey, form) {
    return this.#run((instance) => {
      const bytes = publicKeyBytes(publicKey);
      const number = numberOf(form);
      instance.write(instance.call('get_public_key_ptr'), bytes);
      return written(instance, form, instance.call('write_public_key', number));
    });
  }

  /**
   * Ends it: any later call is refused with `CLOSED`. Closing again does nothing.
   *
   * @throws {SignerError} `IN_USE`: nothing is closed then
   */
  close() {
    this.#turn.run(() => {
      this.#isClosed = true;
      this.#instance.clear();
    });
  }

  /** Closes it at the end of a `using` block. */
  [Symbol.dispose]() {
    this.close();
  }

  /**
   * @template T
   * @param {(instance: Instance) => T} work after which nothing stays in linear memory
   * @returns {T}
   */
  #run(work) {
    return this.#turn.run(() => {
      this.#restore();
      if (this.#isClosed) throw closed();
      const instance = this.#instance;
      instance.isUnfit = true;
      let isTrapped = false;
      try {
        return work(instance);
      } catch (error) {
        isTrapped = isTrap(error);
        throw error;
      } finally {
        try {
          // An instance that trapped is not called again, not even for this.
          if (!isTrapped) instance.call('wipe');
          instance.isUnfit = isTrapped;
        } catch {
          // It is still unfit, so that it is replaced.
        }
        try {
          this.#restore();
        } catch {
          // The stack is full. The next call does it, or `close`.
        }
      }
    });
  }

  /**
   * Clears and replaces an instance that is unfit, or ends this if that cannot be done.
   *
   * @throws {Error} if the stack is too full for it: it can be called again then
   */
  #restore() {
    if (!this.#instance.isUnfit || this.#isClosed) return;
    this.#instance.clear();
    try {
      this.#instance = new Instance(this.#module, 'max_file_len');
    } catch (error) {
      if (isStackOverflow(error)) throw error;
      this.#isClosed = true;
    }
  }
}

/**
 * @param {Instance} instance
 * @param {'read_private_key' | 'read_public_key'} name
 * @param {string | Uint8Array} file
 */
function readFile(instance, name, file) {
  const bytes = textOrBytes(file, 'a file with a key');
  try {
    if (bytes.length > instance.maxLength) {
      const most = `a file with a key may have at most ${instance.maxLength} bytes`;
      throw new SignerError('KEY_TOO_LARGE', `${most}; this one has ${bytes.length}`);
    }
    instance.write(instance.call('get_file_ptr'), bytes);
  } finally {
    // The bytes of a text are a copy of ours.
    if (typeof file === 'string') bytes.fill(0);
  }
  expectOk(instance.call(name, bytes.length));
}

/** @param {Instance} instance */
function publicKeyOf(instance) {
  return instance.read(instance.call('get_public_key_ptr'), PUBLIC_KEY_LENGTH);
}

/** @param {Form} form */
function numberOf(form) {
  if (typeof form === 'string' && Object.hasOwn(FORMS, form)) return FORMS[form];
  throw new TypeError(
    `form must be 'pem', 'der' or 'jwk', not ${typeof form === 'string' ? `'${form}'` : kindOf(form)}`,
  );
}

/**
 * @template {Form} Wanted
 * @param {Instance} instance
 * @param {Wanted} form
 * @param {number} status of the call that wrote it
 * @returns {Written<Wanted>}
 */
function written(instance, form, status) {
  expectOk(status);
  const bytes = instance.read(instance.call('get_file_ptr'), instance.call('file_len'));
  if (form === 'der') return /** @type {Written<Wanted>} */ (bytes);
  const text = String.fromCharCode(...bytes);
  bytes.fill(0);
  return /** @type {Written<Wanted>} */ (text);
}

/**
 * How a key is written: text between a line BEGIN and a line END, bytes, or a JSON object.
 *
 * @typedef {'pem' | 'der' | 'jwk'} Form
 */

/**
 * @template {Form} Wanted
 * @typedef {Wanted extends 'der' ? Uint8Array : string} Written
 */
