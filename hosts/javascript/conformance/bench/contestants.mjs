// Who signs: our modules in each way of using them, the chapter's own build, and what else signs in JavaScript.
// Each gets the messages as bytes and returns a new array of 64 bytes for each. And who verifies: a verdict for each signature.

import { Signer } from '../../signer/signer.mjs';
import { Verifier } from '../../signer/verifier.mjs';

/**
 * @typedef {object} Contestant
 * @property {string} id as in crates/everyhost/src/bench/lineup.rs
 * @property {string} [version] of a library that is not ours
 * @property {boolean} [batches] takes many in one call; without it, a contestant gets all of them, and has a loop
 * @property {(messages: Uint8Array[]) => Uint8Array[] | Promise<Uint8Array[]>} [signAll] of one that signs
 * @property {(items: Signed[]) => boolean[]} [verifyAll] of one that verifies
 *
 * @typedef {{ publicKey: Uint8Array<ArrayBuffer>, message: Uint8Array, signature: Uint8Array<ArrayBuffer> }} Signed
 *
 * @typedef {{ id: string, module: string, use: 'one-shot' | 'held' | 'batch' | 'verify' }} Order a contestant of a module
 *
 * @typedef {object} Libraries what Node and a page load in different ways
 * @property {typeof import('tweetnacl')} nacl
 * @property {typeof import('@noble/ed25519')} noble
 * @property {typeof import('@noble/hashes/sha2.js').sha512} sha512
 * @property {typeof import('libsodium-wrappers').default} sodium after `ready`
 * @property {Record<string, string>} versions of the npm packages
 *
 * @typedef {object} Given
 * @property {Uint8Array<ArrayBuffer>} keypair
 * @property {Record<string, Uint8Array<ArrayBuffer>>} modules their bytes: those of the orders, and `chapter` and
 *   `signer-bindgen`
 * @property {Order[]} signers
 * @property {() => Promise<any>} loadGlue wasm-bindgen's JavaScript for the web
 * @property {Libraries} libraries
 *
 * @typedef {{ id: string, why: string }} Missing a contestant that this engine does not have
 */

/** @returns {Promise<{ contestants: Contestant[], missing: Missing[] }>} */
export async function enter(/** @type {Given} */ given) {
  const { keypair, libraries, modules } = given;
  /** @type {Contestant[]} */
  const contestants = [];
  /** @type {Missing[]} */
  const missing = [];
  const add = async (/** @type {string[]} */ ids, /** @type {() => Promise<Contestant[]>} */ make) => {
    try {
      contestants.push(...(await make()));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      missing.push(...ids.map((id) => ({ id, why })));
    }
  };
  await add(['chapter'], () => chapter(modules.chapter, keypair));
  for (const order of given.signers) await add([order.id], () => ours(order, given));
  await add(['bindgen'], () => bindgen(modules['signer-bindgen'], given.loadGlue, keypair));
  await add(['tweetnacl', 'noble', 'noble-async', 'libsodium'], () => packages(libraries, keypair));
  await add(['webcrypto'], () => webCrypto(keypair));
  contestants.push(...verifying(libraries));
  return { contestants, missing };
}

/**
 * One after the other; libraries differ in the order of what they take.
 *
 * @returns {NonNullable<Contestant['verifyAll']>}
 */
export function eachVerified(/** @type {(item: Signed) => boolean} */ verify) {
  return (items) => {
    const verdicts = [];
    for (const item of items) verdicts.push(verify(item));
    return verdicts;
  };
}

/** @returns {NonNullable<Contestant['signAll']>} */
export function oneByOne(/** @type {(message: Uint8Array) => Uint8Array} */ sign) {
  return (messages) => {
    const signatures = [];
    for (const message of messages) signatures.push(sign(message));
    return signatures;
  };
}

/** @returns {Contestant['signAll']} */
function oneByOneAsync(/** @type {(message: Uint8Array) => Promise<Uint8Array>} */ sign) {
  return async (messages) => {
    const signatures = [];
    for (const message of messages) signatures.push(await sign(message));
    return signatures;
  };
}

/** @returns {Promise<Contestant[]>} */
async function chapter(/** @type {Uint8Array<ArrayBuffer>} */ bytes, /** @type {Uint8Array} */ keypair) {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  return [{ id: 'chapter', signAll: oneByOne(chapterLoop(instance, keypair)) }];
}

/**
 * The loop of the chapter's comparison, with the key passed for every message, and every view made anew.
 *
 * @returns {(message: Uint8Array) => Uint8Array}
 */
export function chapterLoop(/** @type {WebAssembly.Instance} */ instance, /** @type {Uint8Array} */ keypair) {
  const mod = /** @type {import('../../signer/instance.mjs').Exports} */ (/** @type {unknown} */ (instance.exports));
  return (message) => {
    const messagePointer = mod.allocate_message(message.length);
    new Uint8Array(mod.memory.buffer, messagePointer, message.length).set(message);
    new Uint8Array(mod.memory.buffer, mod.get_signing_key_ptr(), 64).set(keypair);
    mod.sign();
    return new Uint8Array(mod.memory.buffer, mod.get_signature_ptr(), 64).slice();
  };
}

/**
 * Through the wrapper, the way a user calls it.
 *
 * @returns {Promise<Contestant[]>}
 */
async function ours(/** @type {Order} */ { id, module: name, use }, /** @type {Given} */ { keypair, modules }) {
  const module = await WebAssembly.compile(modules[name]);
  if (use === 'verify') {
    const verifier = new Verifier([module]);
    return [{ id, batches: true, verifyAll: (items) => verifier.verifyMany(items) }];
  }
  if (use === 'one-shot') {
    const oneShot = new Signer(module);
    return [{ id, signAll: oneByOne((message) => oneShot.signWith(keypair, message)) }];
  }
  const signer = new Signer(module, keypair);
  if (use === 'held') return [{ id, signAll: oneByOne((message) => signer.sign(message)) }];
  return [{ id, batches: true, signAll: (messages) => signer.signMany(messages) }];
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Given['loadGlue']} loadGlue
 * @param {Uint8Array} keypair
 * @returns {Promise<Contestant[]>}
 */
async function bindgen(bytes, loadGlue, keypair) {
  const { initSync, sign_message } = await loadGlue();
  initSync({ module: await WebAssembly.compile(bytes) });
  return [{ id: 'bindgen', signAll: oneByOne((message) => sign_message(message, keypair)) }];
}

/** @type {(libraries: Libraries, keypair: Uint8Array<ArrayBuffer>) => Promise<Contestant[]>} */
async function packages({ nacl, noble, sha512, sodium, versions }, keypair) {
  const seed = keypair.slice(0, 32);
  noble.hashes.sha512 = sha512;
  /** @type {(message: Uint8Array) => Uint8Array<ArrayBuffer>} noble's types tell arrays by their buffers */
  const own = (message) => /** @type {Uint8Array<ArrayBuffer>} */ (message);
  return [
    {
      id: 'tweetnacl',
      version: versions.tweetnacl,
      signAll: oneByOne((message) => nacl.sign.detached(message, keypair)),
    },
    {
      id: 'noble',
      version: versions['@noble/ed25519'],
      signAll: oneByOne((message) => noble.sign(own(message), seed)),
    },
    {
      id: 'noble-async',
      version: versions['@noble/ed25519'],
      signAll: oneByOneAsync((message) => noble.signAsync(own(message), seed)),
    },
    {
      id: 'libsodium',
      version: versions['libsodium-wrappers'],
      signAll: oneByOne((message) => sodium.crypto_sign_detached(message, keypair)),
    },
  ];
}

/** @returns {Contestant[]} */
function verifying(/** @type {Libraries} */ { noble, sodium, versions }) {
  return [
    {
      id: 'verify-libsodium',
      version: versions['libsodium-wrappers'],
      verifyAll: eachVerified(({ publicKey, message, signature }) =>
        sodium.crypto_sign_verify_detached(signature, message, publicKey),
      ),
    },
    {
      id: 'verify-noble',
      version: versions['@noble/ed25519'],
      verifyAll: eachVerified(({ publicKey, message, signature }) =>
        noble.verify(signature, /** @type {Uint8Array<ArrayBuffer>} */ (message), publicKey),
      ),
    },
  ];
}

/** PKCS #8 of an Ed25519 seed (RFC 8410) up to the seed itself. */
export const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

/**
 * The engine's own. It answers with a promise, so one message waits for the one before.
 *
 * @returns {Promise<Contestant[]>}
 */
async function webCrypto(/** @type {Uint8Array<ArrayBuffer>} */ keypair) {
  const pkcs8 = Uint8Array.of(...PKCS8_PREFIX, ...keypair.subarray(0, 32));
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  const sign = async (/** @type {Uint8Array} */ message) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', key, /** @type {Uint8Array<ArrayBuffer>} */ (message)));
  return [{ id: 'webcrypto', signAll: oneByOneAsync(sign) }];
}
