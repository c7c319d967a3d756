// What the runner asks of a module, done through the wrappers. Neutral like them: the Node adapter and the browser's
// page share it. hosts/README.md has the table of operations.

import { Adder } from './adder.mjs';
import { toBytes, toHex } from './bytes.mjs';
import { runRaw } from './raw.mjs';
import { Signer } from './signer.mjs';

/** The version of the protocol. */
export const PROTOCOL = 1;

/**
 * @typedef {Record<string, any>} Json
 * @typedef {{ ops: string[], run: (op: string, input: Json) => Promise<Json> | Json }} Loaded
 * @typedef {(module: WebAssembly.Module) => Promise<Record<string, Function>>} NewGlue
 */

/**
 * Makes a module ready to be asked. What it can do follows from what it exports.
 *
 * @param {BufferSource} bytes of the .wasm file
 * @param {NewGlue} [newGlue] for a wasm-bindgen module: loads the JavaScript beside it anew, and gives it the module
 * @returns {Promise<Loaded>}
 */
export async function load(bytes, newGlue) {
  const module = await WebAssembly.compile(bytes);
  if (newGlue) return loadGlue(module, newGlue);
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  /** @type {Record<string, (input: Json) => Json>} */
  const operations = {};
  if (['load_key', 'sign_loaded', 'sign_batch', 'verify_strict'].every((name) => exported.has(name))) {
    Object.assign(operations, signerOperations(module));
  }
  if (exported.has('add_numbers')) operations.add = ({ a, b }) => ({ value: new Adder(module).add(a, b) });
  if (exported.has('divide_numbers')) operations.divide = ({ a, b }) => ({ value: new Adder(module).divide(a, b) });
  if (WebAssembly.Module.imports(module).length === 0) operations.raw = ({ steps }) => runRaw(module, bytes, steps);
  return {
    ops: Object.keys(operations),
    run: (op, input) => answer(() => operations[op](input)),
  };
}

/**
 * Each operation gets a signer of its own, so that no case depends on another.
 *
 * @param {WebAssembly.Module} module
 * @returns {Record<string, (input: Json) => Json>}
 */
function signerOperations(module) {
  /** @type {(keypair: Uint8Array | undefined, work: (signer: Signer) => Json) => Json} */
  const withSigner = (keypair, work) => {
    const signer = new Signer(module, keypair);
    try {
      return work(signer);
    } finally {
      signer.close();
    }
  };
  return {
    public_key: ({ seed }) => withSigner(undefined, (signer) => SIGNER_STEPS.derive(signer, { seed })),
    sign: ({ keypair, message }) => withSigner(toBytes(keypair), (signer) => SIGNER_STEPS.sign(signer, { message })),
    sign_many: ({ keypair, messages }) =>
      withSigner(toBytes(keypair), (signer) => SIGNER_STEPS.sign_many(signer, { messages })),
    verify: (input) => withSigner(undefined, (signer) => SIGNER_STEPS.verify(signer, input)),
    verify_strict: (input) => withSigner(undefined, (signer) => SIGNER_STEPS.verify_strict(signer, input)),
    session: ({ keypair, steps }) =>
      withSigner(toBytes(keypair), (signer) => ({
        steps: steps.map((/** @type {Json} */ step) => answer(() => SIGNER_STEPS[step.op](signer, step.in))),
      })),
  };
}

/** @type {Record<string, (signer: Signer, input: Json) => Json>} */
const SIGNER_STEPS = {
  derive: (signer, { seed }) => ({ public_key: toHex(signer.derivePublicKey(toBytes(seed))) }),
  public_key: (signer) => ({ public_key: toHex(signer.publicKey) }),
  sign: (signer, { message }) => ({ signature: toHex(signer.sign(toBytes(message))) }),
  sign_many: (signer, { messages }) => ({ signatures: signer.signMany(messages.map(toBytes)).map(toHex) }),
  sign_with: (signer, { keypair, message }) => ({
    signature: toHex(signer.signWith(toBytes(keypair), toBytes(message))),
  }),
  verify: (signer, { public_key, message, signature }) => ({
    valid: signer.verify(toBytes(public_key), toBytes(message), toBytes(signature)),
  }),
  verify_strict: (signer, { public_key, message, signature }) => ({
    valid: signer.verifyStrict(toBytes(public_key), toBytes(message), toBytes(signature)),
  }),
  load_key: (signer, { keypair }) => ({ public_key: toHex(signer.loadKey(toBytes(keypair))) }),
  wipe: (signer) => (signer.wipe(), {}),
  close: (signer) => (signer.close(), {}),
};

/**
 * The functions of a wasm-bindgen module hold nothing between two calls, so that one instance answers every case
 * until one traps.
 *
 * @param {WebAssembly.Module} module
 * @param {NewGlue} newGlue
 * @returns {Promise<Loaded>}
 */
async function loadGlue(module, newGlue) {
  let glue = await newGlue(module);
  /** @type {Record<string, (input: Json) => Json>} */
  const operations = {};
  if (glue.sign_message) {
    operations.public_key = ({ seed }) => ({ public_key: toHex(glue.derive_public_key(toBytes(seed))) });
    operations.sign = ({ keypair, message }) => ({
      signature: toHex(glue.sign_message(toBytes(message), toBytes(keypair))),
    });
    operations.verify = ({ public_key, message, signature }) => ({
      valid: glue.verify(toBytes(public_key), toBytes(message), toBytes(signature)),
    });
    operations.verify_strict = ({ public_key, message, signature }) => ({
      valid: glue.verify_strict(toBytes(public_key), toBytes(message), toBytes(signature)),
    });
  }
  if (glue.add_numbers) operations.add = ({ a, b }) => ({ value: glue.add_numbers(a, b) });
  return {
    ops: Object.keys(operations),
    run: async (op, input) => {
      const given = answer(() => operations[op](input), isTrapOfGlue);
      if (given.trap) glue = await newGlue(module);
      return given;
    },
  };
}

/**
 * @param {() => Json} work
 * @param {(error: unknown) => boolean} [isTrap] for what is not called through a wrapper
 * @returns {Json} an answer of the protocol
 */
function answer(work, isTrap = () => false) {
  try {
    return { ok: work() };
  } catch (error) {
    if (isTrap(error)) return { trap: true, detail: String(error) };
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === 'TRAPPED') return { trap: true, detail: String(/** @type {Error} */ (error).cause) };
    return code ? { error: code } : { unsupported: `the adapter failed: ${error}` };
  }
}

/**
 * The glue lets traps through as they are: a RuntimeError, and a RangeError where the stack ran out.
 *
 * @param {unknown} error
 */
function isTrapOfGlue(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}
