// The signer as a component, behind the JavaScript that jco's transpiler has written for it. Neutral: every adapter in
// JavaScript shares it.

import { SignerError } from '../signer/signer.mjs';

/** @typedef {import('../signer/errors.mjs').Code} Code */

/**
 * @typedef {object} Ed25519 the functions of wit/signer.wit
 * @property {(seed: Uint8Array) => Uint8Array} derivePublicKey
 * @property {(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean} verify
 * @property {(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean} verifyStrict
 *
 * @typedef {object} HeldKey its resource
 * @property {(keypair: Uint8Array) => void} loadKey
 * @property {() => Uint8Array} publicKey
 * @property {(message: Uint8Array) => Uint8Array} sign
 * @property {(messages: Uint8Array[]) => Uint8Array[]} signMany
 * @property {(keypair: Uint8Array, message: Uint8Array) => Uint8Array} signWith
 * @property {() => void} wipe
 *
 * @typedef {{ ed25519: Ed25519, heldKey: { Signer: new () => HeldKey } }} World
 * @typedef {(coreModule: (file: string) => WebAssembly.Module, imports: object) => World} Instantiate
 */

const CORE_MODULE_SECTION = 1;

/** Whether the bytes are a component: a module's fifth byte is 1. */
export function isComponent(/** @type {Uint8Array} */ bytes) {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
  return header.every((byte, at) => bytes[at] === byte);
}

/**
 * The core modules of a component, in their order, which is that of jco's files.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Uint8Array<ArrayBuffer>[]}
 */
export function coreModules(bytes) {
  const modules = [];
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at++];
    // The section's size, as LEB128.
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    if (id === CORE_MODULE_SECTION) modules.push(bytes.slice(at, at + size));
    at += size;
  }
  return modules;
}

/** A component, compiled once. */
export class SignerComponent {
  #modules;
  #instantiate;

  /**
   * @param {WebAssembly.Module[]} modules its core modules
   * @param {Instantiate} instantiate of jco's JavaScript
   */
  constructor(modules, instantiate) {
    this.#modules = modules;
    this.#instantiate = instantiate;
  }

  /** A new instance. jco asks for `….core.wasm`, `….core2.wasm` and so on. */
  instantiate() {
    const number = (/** @type {string} */ file) => Number(/\.core(\d*)\.wasm$/.exec(file)?.[1] || 1);
    return this.#instantiate((file) => this.#modules[number(file) - 1], {});
  }
}

/**
 * What the wrapper of the raw ABI is for modules: the same members, the same errors.
 *
 * After a trap an instance can't be entered again. A new one takes its place, with the held key.
 */
export class ComponentSigner {
  #component;
  /** @type {{ world: World, signer: HeldKey } | undefined} */
  #live;
  /** @type {Uint8Array | undefined} */
  #held;

  /**
   * @param {SignerComponent} component
   * @param {Uint8Array} [keypair]
   */
  constructor(component, keypair) {
    this.#component = component;
    this.#live = this.#start();
    if (keypair) this.loadKey(keypair);
  }

  get publicKey() {
    return this.#call(({ signer }) => signer.publicKey());
  }

  /** @returns {Uint8Array} the public key */
  loadKey(/** @type {Uint8Array} */ keypair) {
    this.#forget();
    this.#call(({ signer }) => signer.loadKey(keypair));
    this.#held = keypair.slice();
    return this.publicKey;
  }

  sign(/** @type {Uint8Array} */ message) {
    return this.#call(({ signer }) => signer.sign(message));
  }

  signMany(/** @type {Uint8Array[]} */ messages) {
    return this.#call(({ signer }) => signer.signMany(messages));
  }

  /** @type {(keypair: Uint8Array, message: Uint8Array) => Uint8Array} */
  signWith(keypair, message) {
    return this.#call(({ signer }) => signer.signWith(keypair, message));
  }

  derivePublicKey(/** @type {Uint8Array} */ seed) {
    return this.#call(({ world }) => world.ed25519.derivePublicKey(seed));
  }

  /** @type {(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean} */
  verify(publicKey, message, signature) {
    return this.#call(({ world }) => world.ed25519.verify(publicKey, message, signature));
  }

  /** @type {(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean} */
  verifyStrict(publicKey, message, signature) {
    return this.#call(({ world }) => world.ed25519.verifyStrict(publicKey, message, signature));
  }

  wipe() {
    this.#forget();
    this.#call(({ signer }) => signer.wipe());
  }

  close() {
    this.#forget();
    if (!this.#live) return;
    this.wipe();
    this.#live = undefined;
  }

  #forget() {
    this.#held?.fill(0);
    this.#held = undefined;
  }

  #start() {
    const world = this.#component.instantiate();
    return { world, signer: new world.heldKey.Signer() };
  }

  /**
   * @template T
   * @param {(live: { world: World, signer: HeldKey }) => T} work
   * @returns {T}
   */
  #call(work) {
    if (!this.#live) throw new SignerError('CLOSED', 'the signer was closed');
    try {
      return work(this.#live);
    } catch (error) {
      const payload = /** @type {{ payload?: unknown }} */ (error).payload;
      // An error of the WIT's enum, such as key-pair-mismatch.
      if (typeof payload === 'string') {
        throw new SignerError(/** @type {Code} */ (payload.replaceAll('-', '_').toUpperCase()), payload);
      }
      this.#live = undefined;
      this.#live = this.#start();
      if (this.#held) this.#live.signer.loadKey(this.#held);
      throw new SignerError('TRAPPED', 'the component trapped', error);
    }
  }
}
