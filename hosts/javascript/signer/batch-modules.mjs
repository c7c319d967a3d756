// The batch modules of a signer: further modules, faster at many messages than the main one.

/**
 * Finds, in a list in order of preference, the first module that signs rightly on this host, and holds a signer of it.
 *
 * Nothing is made before a key is first asked for: a table of such a module takes some milliseconds and 250 KB.
 */
export class BatchModules {
  /** @type {readonly (WebAssembly.Module | undefined)[]} */
  #modules;
  /** @type {Signers} */
  #signers;
  /** The place in the list of the module that is used, or tried next. */
  #at = 0;
  /** @type {Signer | undefined} */
  #signer;
  #hasKey = false;

  /**
   * @param {readonly (WebAssembly.Module | undefined)[]} modules undefined stands for one that the host refused
   * @param {Signers} signers
   */
  constructor(modules, signers) {
    this.#modules = modules;
    this.#signers = signers;
  }

  /** The place in the list of the module that is used; -1 while there is none. */
  get index() {
    return this.#open() ? this.#at : -1;
  }

  /**
   * A signer that holds the key, or undefined where no module of the list can be used.
   *
   * @param {Uint8Array} keypair a valid one
   * @returns {Signer | undefined}
   * @throws {SignerError} `OUT_OF_MEMORY`, `TRAPPED`: of the module that would have been used
   */
  signerOf(keypair) {
    this.#open();
    for (; this.#at < this.#modules.length; this.#at += 1) {
      if (this.#holds(keypair)) return this.#signer;
      this.close();
    }
    return undefined;
  }

  /** Clears every secret. */
  wipe() {
    this.#hasKey = false;
    this.#open()?.wipe();
  }

  /** Clears every secret and drops the instance. */
  close() {
    this.#hasKey = false;
    this.#signer?.close();
    this.#signer = undefined;
  }

  /** The signer that is used. One that a trap has closed for good is dropped, and its module is passed over. */
  #open() {
    if (this.#signer && this.#signers.isClosed(this.#signer)) {
      this.close();
      this.#at += 1;
    }
    return this.#signer;
  }

  /**
   * @param {Uint8Array} keypair
   * @returns {boolean} false where the module cannot be used on this host
   */
  #holds(keypair) {
    const module = this.#modules[this.#at];
    if (!module) return false;
    this.#signer ??= this.#signers.make(module);
    try {
      if (!this.#hasKey) this.#signer.loadKey(keypair);
    } catch (error) {
      if (/** @type {any} */ (error).code === 'SELF_TEST_FAILED') return false;
      throw error;
    }
    this.#hasKey = true;
    return true;
  }
}

/**
 * @param {WebAssembly.Module | BufferSource} moduleOrBytes
 * @returns {Promise<WebAssembly.Module | undefined>} undefined where this host cannot compile it, such as for a feature
 *   of WebAssembly that it does not have
 */
export async function compiledWherePossible(moduleOrBytes) {
  if (moduleOrBytes instanceof WebAssembly.Module) return moduleOrBytes;
  try {
    return await WebAssembly.compile(moduleOrBytes);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  }
}

/**
 * @typedef {object} Signers
 * @property {(module: WebAssembly.Module) => Signer} make makes a signer without a key
 * @property {(signer: Signer) => boolean} isClosed
 *
 * @typedef {import('./signer.mjs').Signer} Signer
 * @typedef {import('./signer.mjs').SignerError} SignerError
 */
