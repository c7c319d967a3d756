// A private key, as keys.mjs reads it and as a signer takes it.

import { closed } from './errors.mjs';
import { checkedLength, publicKeyBytes, SEED_LENGTH, uint8Array } from './values.mjs';

/**
 * An Ed25519 seed, and the public key if one stood beside it. Neither `console.log` nor JSON shows anything of it.
 *
 * Close it when you are done: JavaScript does not do it for you.
 *
 * @example
 *   const key = PrivateKey.generate();
 *   const signer = await Signer.fromPrivateKey(module, key);
 *   key.close(); // the signer has its own copy
 */
export class PrivateKey {
  /** @type {Uint8Array<ArrayBuffer> | undefined} Undefined once it is closed. */
  #seed;
  /** @type {Uint8Array | undefined} */
  #publicKey;

  /**
   * @param {Uint8Array} seed 32 bytes, which are copied
   * @param {Uint8Array} [publicKey] 32 bytes. Whether it belongs to the seed is found out by the signer that takes both
   * @throws {import('./errors.mjs').SignerError} `KEY_LENGTH`, `PUBLIC_KEY_LENGTH`
   */
  constructor(seed, publicKey) {
    const secret = checkedLength(SEED_LENGTH, uint8Array(seed, 'a seed'), 'a seed', 'KEY_LENGTH');
    if (publicKey !== undefined) this.#publicKey = publicKeyBytes(publicKey).slice();
    this.#seed = Uint8Array.from(secret);
  }

  /** A new key, from the randomness of this platform. */
  static generate() {
    const seed = crypto.getRandomValues(new Uint8Array(SEED_LENGTH));
    try {
      return new PrivateKey(seed);
    } finally {
      seed.fill(0);
    }
  }

  /**
   * A copy of the seed, 32 bytes. Clear it when you are done.
   *
   * @throws {import('./errors.mjs').SignerError} `CLOSED`
   */
  get seed() {
    if (!this.#seed) throw closed();
    return this.#seed.slice();
  }

  /** The public key that stood beside the seed, 32 bytes, or undefined. */
  get publicKey() {
    return this.#publicKey?.slice();
  }

  /** Clears the seed. Closing again does nothing. */
  close() {
    this.#seed?.fill(0);
    this.#seed = undefined;
  }

  /** Closes the key at the end of a `using` block. */
  [Symbol.dispose]() {
    this.close();
  }
}
