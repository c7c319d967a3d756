// What the runner asks of a module, done through the wrappers. Neutral like them: every adapter in JavaScript shares
// it. hosts/CONTRACT.md has the table of operations.

import { Adder } from '../signer/adder.mjs';
import { answer, answerLater, answerStep, isStackOverflow } from './answers.mjs';
import { toBytes, toHex } from './bytes.mjs';
import { runCalls } from './component-calls.mjs';
import { ComponentSigner, coreModules, isComponent, SignerComponent } from './component.mjs';
import { compile, runKeptView, runRaw } from './raw.mjs';
import { Keys, PrivateKey } from '../signer/keys.mjs';
import { Signer } from '../signer/signer.mjs';
import { Verifier } from '../signer/verifier.mjs';

/** The version of the protocol. */
export const PROTOCOL = 1;

/**
 * @typedef {import('./answers.mjs').Json} Json
 *
 * @typedef {object} Loaded
 * @property {string[]} ops
 * @property {string} [refused] why the host cannot load the module, where it cannot
 * @property {(op: string, input: Json) => Promise<Json> | Json} run
 * @typedef {(module?: WebAssembly.Module) => Promise<Record<string, Function>>} NewGlue
 * @typedef {(input: Json) => Json | Promise<Json>} Operation
 * @typedef {Signer | ComponentSigner} AnySigner
 */

/**
 * Makes a module ready to be asked. What it can do follows from what it exports.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes of the .wasm file
 * @param {import('./deadline.mjs').KeptWorker} worker for calls with a deadline, and programs of WASI
 * @param {NewGlue} [newGlue] loads the JavaScript of a module or a component anew, and gives it the module: a component has several
 * @param {import('./component-calls.mjs').Types} [types] of a component's exports
 * @returns {Promise<Loaded>}
 */
export async function load(bytes, worker, newGlue, types) {
  try {
    if (isComponent(bytes)) return await loadComponent(bytes, newGlue, types);
    const module = await WebAssembly.compile(bytes);
    return await (newGlue ? loadGlue(module, newGlue) : loadPlain(module, bytes, worker));
  } catch (error) {
    const refused = error instanceof Error ? error.message : String(error);
    return { ops: [], refused, run: () => ({ unsupported: `the module was refused: ${refused}` }) };
  }
}

/**
 * @param {WebAssembly.Module} module
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {import('./deadline.mjs').KeptWorker} worker
 * @returns {Loaded}
 */
function loadPlain(module, bytes, worker) {
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const exportsAll = (/** @type {string[]} */ ...names) => names.every((name) => exported.get(name) === 'function');
  /** @type {Record<string, Operation>} */
  const operations = {};
  if (exportsAll('load_key', 'sign_loaded')) {
    Object.assign(
      operations,
      signerOperations((keypair) => new Signer(module, keypair)),
    );
    // The small modules have no batches, and those made for batches do not verify.
    if (!exportsAll('sign_batch')) delete operations.sign_many;
    if (!exportsAll('verify')) delete operations.verify;
    if (!exportsAll('verify_strict')) delete operations.verify_strict;
    if (exportsAll('verify', 'verify_strict')) Object.assign(operations, verifyingMany(module));
  }
  if (exportsAll('verify_batch', 'verify_batch_strict')) {
    Object.assign(operations, verifyingOne(module), verifyingMany(module));
  }
  if (exportsAll('read_private_key', 'write_private_key')) Object.assign(operations, keyOperations(module));
  if (exportsAll('add_numbers')) operations.add = ({ a, b }) => ({ value: new Adder(module).add(a, b) });
  if (exportsAll('divide_numbers')) operations.divide = ({ a, b }) => ({ value: new Adder(module).divide(a, b) });
  operations.raw = ({ steps }) => runRaw(module, bytes, { steps });
  operations.raw_deadline = ({ steps, deadline_ms }) => worker.run({ bytes, steps }, deadline_ms);
  operations.raw_module = ({ wasm, steps }) => runModule(toBytes(wasm), { steps });
  operations.raw_imports = ({ wasm, ...input }) => {
    const asked = /** @type {any} */ (input);
    return wasm === undefined ? runRaw(module, bytes, asked) : runModule(toBytes(wasm), asked);
  };
  operations.wasi = ({ wasm, ...wasi }) => worker.run({ bytes: wasm === undefined ? bytes : toBytes(wasm), wasi });
  if (exported.get('memory') === 'memory' && exportsAll('grow', 'store')) {
    operations.kept_view = (input) => runKeptView(module, /** @type {any} */ (input));
  }
  return {
    ops: Object.keys(operations),
    run: (op, input) => answerLater(() => operations[op](input)),
  };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {NewGlue} [newGlue]
 * @param {import('./component-calls.mjs').Types} [types]
 * @returns {Promise<Loaded>}
 */
async function loadComponent(bytes, newGlue, types) {
  if (!newGlue)
    throw new Error('a component runs here through the JavaScript that jco writes for it, and there is none');
  /** @type {{ instantiate?: any, cores?: string[] }} */
  const { instantiate, cores } = await newGlue();
  // crates/everyhost/tools/transpile.mjs says when there are some.
  const found = cores?.map((core) => Uint8Array.from(atob(core), (c) => c.charCodeAt(0))) ?? coreModules(bytes);
  const modules = await Promise.all(
    found.map((/** @type {Uint8Array<ArrayBuffer>} */ core) => WebAssembly.compile(core)),
  );
  const component = new SignerComponent(modules, /** @type {import('./component.mjs').Instantiate} */ (instantiate));
  /** @type {Record<string, Operation>} */
  const operations = {};
  if (types) operations.component = ({ steps }) => runCalls(() => component.instantiate(), types, steps);
  if (!types || Object.hasOwn(types, 'everyhost:signer/held-key@0.1.0#[constructor]signer')) {
    Object.assign(
      operations,
      signerOperations((keypair) => new ComponentSigner(component, keypair)),
    );
  }
  return { ops: Object.keys(operations), run: (op, input) => answerLater(() => operations[op](input)) };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of a module that came with the request
 * @param {Parameters<typeof runRaw>[2]} input
 */
async function runModule(bytes, input) {
  return runRaw(await compile(bytes), bytes, input);
}

/**
 * What takes a key or a seed gets a signer of its own, so that no case depends on another. Verifying needs neither:
 * one signer does it all, as a user would have it, and nothing is instantiated for each signature.
 *
 * @param {(keypair?: Uint8Array) => AnySigner} newSigner
 * @returns {Record<string, Operation>}
 */
function signerOperations(newSigner) {
  /** @type {(keypair: Uint8Array | undefined, work: (signer: AnySigner) => Json) => Json} */
  const withSigner = (keypair, work) => {
    const signer = newSigner(keypair);
    try {
      return work(signer);
    } finally {
      signer.close();
    }
  };
  /** @type {AnySigner | undefined} */
  let kept;
  const verifier = () => (kept ??= newSigner());
  return {
    public_key: ({ seed }) => withSigner(undefined, (signer) => SIGNER_STEPS.derive(signer, { seed })),
    sign: ({ keypair, message }) => withSigner(toBytes(keypair), (signer) => SIGNER_STEPS.sign(signer, { message })),
    sign_many: ({ keypair, messages }) =>
      withSigner(toBytes(keypair), (signer) => SIGNER_STEPS.sign_many(signer, { messages })),
    verify: (input) => SIGNER_STEPS.verify(verifier(), input),
    verify_strict: (input) => SIGNER_STEPS.verify_strict(verifier(), input),
    session: ({ keypair, steps }) =>
      withSigner(toBytes(keypair), (signer) => ({
        steps: steps.map((/** @type {Json} */ step) => answerStep(() => sessionStep(signer, step))),
      })),
  };
}

/** @type {(signer: AnySigner, step: Json) => Json} */
function sessionStep(signer, { op, in: input }) {
  if (!Object.hasOwn(SIGNER_STEPS, op)) throw new TypeError(`a session has no step ${op}`);
  return SIGNER_STEPS[op](signer, input);
}

/** @type {Record<string, (signer: AnySigner, input: Json) => Json>} */
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
 * A verifier of its own for each batch, because the keys that it holds are those of the batches before.
 *
 * @returns {Record<string, Operation>}
 */
function verifyingMany(/** @type {WebAssembly.Module} */ module) {
  return {
    verify_many: (input) => withVerifier(module, (verifier) => verdictsOf(verifier.verifyMany(itemsOf(input)))),
    verify_many_strict: (input) =>
      withVerifier(module, (verifier) => verdictsOf(verifier.verifyManyStrict(itemsOf(input)))),
  };
}

/**
 * What verifies batches, asked about one signature: by one verifier, as a user would have it.
 *
 * @returns {Record<string, Operation>}
 */
function verifyingOne(/** @type {WebAssembly.Module} */ module) {
  /** @type {Verifier | undefined} */
  let kept;
  const verifier = () => (kept ??= new Verifier([module]));
  return {
    verify: (input) => ({ valid: verifier().verifyMany([itemOf(input)])[0] }),
    verify_strict: (input) => ({ valid: verifier().verifyManyStrict([itemOf(input)])[0] }),
  };
}

/** @type {(module: WebAssembly.Module, work: (verifier: Verifier) => Json) => Json} */
function withVerifier(module, work) {
  const verifier = new Verifier([module]);
  try {
    return work(verifier);
  } finally {
    verifier.close();
  }
}

/** @returns {import('../signer/verifier.mjs').Signed[]} */
function itemsOf(/** @type {Json} */ { items, order }) {
  const all = items.map(itemOf);
  return order === undefined ? all : order.map((/** @type {number} */ place) => all[place]);
}

function itemOf(/** @type {Json} */ { public_key, message, signature }) {
  return { publicKey: toBytes(public_key), message: toBytes(message), signature: toBytes(signature) };
}

function verdictsOf(/** @type {boolean[]} */ verdicts) {
  return { verdicts: toHex(Uint8Array.from(verdicts, Number)) };
}

/** @returns {Record<string, Operation>} */
function keyOperations(/** @type {WebAssembly.Module} */ module) {
  /** @type {(work: (keys: Keys) => Json) => Json} */
  const withKeys = (work) => {
    const keys = new Keys(module);
    try {
      return work(keys);
    } finally {
      keys.close();
    }
  };
  return {
    read_key: ({ kind, file }) =>
      withKeys((keys) => {
        if (kind === 'public') return { public_key: toHex(keys.readPublicKey(toBytes(file))) };
        if (kind !== 'private') throw new TypeError(`a key of the kind ${kind} is not known here`);
        const { seed, publicKey } = keys.readPrivateKey(toBytes(file));
        return { seed: toHex(seed), ...(publicKey && { public_key: toHex(publicKey) }) };
      }),
    write_key: ({ form, seed, public_key }) =>
      withKeys((keys) => {
        const publicKey = public_key === undefined ? undefined : toBytes(public_key);
        const file =
          seed === undefined
            ? keys.writePublicKey(/** @type {Uint8Array} */ (publicKey), form)
            : keys.writePrivateKey(new PrivateKey(toBytes(seed), publicKey), form);
        return { bytes: toHex(typeof file === 'string' ? new TextEncoder().encode(file) : file) };
      }),
  };
}

/**
 * The functions of a wasm-bindgen module hold nothing between two calls, so that one instance answers every case
 * until one traps.
 *
 * @returns {Promise<Loaded>}
 */
async function loadGlue(/** @type {WebAssembly.Module} */ module, /** @type {NewGlue} */ newGlue) {
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

/** The glue lets traps through as they are. */
function isTrapOfGlue(/** @type {unknown} */ error) {
  return isStackOverflow(error) || error instanceof WebAssembly.RuntimeError;
}
