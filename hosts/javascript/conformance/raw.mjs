// `raw` cases: primitive steps on one fresh instance of any module.

import { Refusal, trapOf, wordsOf } from './answers.mjs';
import { byteLength, toBytes, toHex } from './bytes.mjs';
import { Imports } from './imports.mjs';
import { argument, NUMBERS, toValue, typeOf, valueOf } from './values.mjs';
import { moduleTypes } from './wasm-types.mjs';

/**
 * @typedef {import('./wasm-types.mjs').FunctionType} FunctionType
 * @typedef {import('./values.mjs').Value} Value
 * @typedef {import('./values.mjs').Variable} Variable
 * @typedef {import('./values.mjs').Variables} Variables
 * @typedef {{ do: 'call', export: string, args?: (Value | Variable)[], as?: string | string[] }
 *   | { do: 'write', ptr: Value | Variable, bytes: string | { repeat: string, times: number } }
 *   | { do: 'read', ptr: Value | Variable, len: number | 'nul' | Variable }
 *   | { do: 'pages' } | { do: 'grow', pages: number } | { do: 'load', ptr: Value | Variable, as: string }
 *   | { do: 'global', export: string, as?: string }} Step
 *
 * @typedef {object} Shape of a module
 * @property {Map<string, FunctionType | undefined>} functions by name; undefined for a type that is not known here
 * @property {{ module: string, name: string, kind: string, type?: FunctionType }[]} imports
 * @property {{ name: string, is64: boolean } | undefined} memory that `read` and `write` are about
 *
 * @typedef {{ making: true } | { calling: true } | { answer: object }} Progress
 */

/** Bytes in a page of linear memory. */
const PAGE = 65536;
/** What a line of the protocol can have in hex. */
export const MOST_READ = 32 * 1024 * 1024;

/** @type {WeakMap<WebAssembly.Module, Shape>} */
const known = new WeakMap();

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @param {{ steps: Step[], imports?: import('./imports.mjs').Import[], after_trap?: boolean }} input
 * @param {(progress: Progress) => void} [tell] hears of the instance and of each call before they are made, and of each
 *   answer
 * @returns {Promise<object>} one answer a step; a trap is the last, unless steps after it are asked for
 * @throws {Refusal} NO_INSTANCE
 */
export async function runRaw(module, bytes, { steps, imports: provided = [], after_trap: afterTrap = false }, tell) {
  const shape = shapeOf(module, bytes);
  tell?.({ making: true });
  const imports = new Imports(provided, shape.imports);
  const instance = new RawInstance(shape, imports);
  imports.guest = instance;
  instance.begin(await newInstance(module, imports.object));
  const atStart = imports.take();
  const answers = instance.doAll(steps, () => afterTrap, tell);
  return { ...(atStart.length > 0 && { calls: atStart }), steps: answers };
}

/**
 * @returns {Promise<WebAssembly.Module>} of bytes that came with a request
 * @throws {Refusal} MODULE_REFUSED
 */
export async function compile(/** @type {BufferSource} */ bytes) {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new Refusal('MODULE_REFUSED', error instanceof Error ? error.message : String(error));
  }
}

/**
 * Looks at what becomes of a view when memory grows.
 *
 * @param {WebAssembly.Module} module that exports its memory, `grow` and `store`
 * @param {{ ptr: number, value: number }} input where the view begins, unsigned; and what is stored there
 * @returns {Promise<{ bytes: string }>} what the old view shows
 * @throws {Refusal} VIEW_DETACHED if it shows nothing any more; NO_INSTANCE
 */
export async function runKeptView(module, { ptr, value }) {
  const exports = /** @type {Record<string, any>} */ ((await newInstance(module, {})).exports);
  const view = new Uint8Array(exports.memory.buffer, ptr, 4);
  if (exports.grow(1) === -1) throw new Error('memory did not grow');
  exports.store(ptr, value);
  // The buffer that the view looks into is detached: nothing is thrown, the view just has no bytes.
  if (view.length === 0) throw new Refusal('VIEW_DETACHED');
  return { bytes: toHex(view) };
}

/**
 * Not `new WebAssembly.Instance`: Chromium's main thread makes none of a module over 8 MB.
 *
 * @throws {Refusal} NO_INSTANCE: a start function or a segment trapped, or there is too little memory
 */
export async function newInstance(
  /** @type {WebAssembly.Module} */ module,
  /** @type {WebAssembly.Imports} */ imports,
) {
  try {
    return await WebAssembly.instantiate(module, imports);
  } catch (error) {
    throw new Refusal('NO_INSTANCE', wordsOf(error));
  }
}

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @returns {Shape}
 */
export function shapeOf(module, bytes) {
  const before = known.get(module);
  if (before) return before;
  const types = moduleTypes(bytes);
  const exported = WebAssembly.Module.exports(module).map((one, index) => ({ ...one, ...types.exports[index] }));
  const memories = exported.filter(({ kind }) => kind === 'memory');
  // Not the first in the object of exports: there, names such as "0" come before all others.
  const memory = memories.find(({ name }) => name === 'memory') ?? memories[0];
  const shape = {
    functions: new Map(exported.filter(({ kind }) => kind === 'function').map(({ name, type }) => [name, type])),
    imports: WebAssembly.Module.imports(module).map((one, index) => ({ ...one, ...types.imports[index] })),
    memory: memory && { name: memory.name, is64: memory.is64 ?? false },
  };
  known.set(module, shape);
  return shape;
}

export class RawInstance {
  /** @type {Record<string, any> | undefined} */
  #exports;
  #shape;
  #imports;

  constructor(/** @type {Shape} */ shape, /** @type {Imports} */ imports) {
    this.#shape = shape;
    this.#imports = imports;
  }

  /** Until then there are no exports: a start function may have called out. */
  begin(/** @type {WebAssembly.Instance} */ instance) {
    this.#exports = instance.exports;
  }

  /**
   * @param {Step[]} steps
   * @param {() => boolean} goesOn whether the steps after a trap are done
   * @param {(progress: Progress) => void} [tell]
   * @returns {object[]} one answer a step
   */
  doAll(steps, goesOn, tell) {
    const variables = new Map();
    const answers = [];
    for (const step of steps) {
      if (step.do === 'call') tell?.({ calling: true });
      const answer = this.do(step, variables);
      const calls = this.#imports.take();
      if (calls.length > 0) Object.assign('ok' in answer ? answer.ok : answer, { calls });
      tell?.({ answer });
      answers.push(answer);
      if ('trap' in answer && !goesOn()) break;
    }
    return answers;
  }

  /**
   * @param {Step} step
   * @param {Variables} variables that it may use, and add to
   * @returns {any} its answer
   */
  do(step, variables) {
    try {
      return this.#do(step, variables);
    } catch (error) {
      if (error instanceof Refusal) return { error: error.code, detail: error.detail };
      throw error;
    }
  }

  /**
   * @param {Step} step
   * @param {Variables} variables
   * @returns {any}
   */
  #do(step, variables) {
    switch (step.do) {
      case 'call':
        return this.#call(step, variables);
      case 'write': {
        const view = this.#view(step.ptr, byteLength(step.bytes), variables);
        view.set(toBytes(step.bytes));
        return { ok: {} };
      }
      case 'read': {
        const view = this.#view(step.ptr, step.len, variables);
        if (view.length > MOST_READ) throw new Error(`${view.length} bytes in hex exceed a line of the protocol`);
        return { ok: { bytes: toHex(view) } };
      }
      case 'load': {
        const view = this.#view(step.ptr, 4, variables);
        const value = { i32: new DataView(view.buffer, view.byteOffset).getInt32(0, true) };
        variables.set(step.as, value);
        return { ok: { value: value.i32 } };
      }
      case 'pages':
        return { ok: { pages: this.#pages() } };
      case 'grow':
        return this.#grow(step.pages);
      case 'global':
        return this.#global(step, variables);
      default:
        throw new Error(`no such step: ${JSON.stringify(step)}`);
    }
  }

  /**
   * @param {Extract<Step, { do: 'call' }>} step
   * @param {Variables} variables
   */
  #call({ export: name, args: given = [], as = [] }, variables) {
    const { functions } = this.#shape;
    if (!this.#exports || !functions.has(name)) return { error: 'NO_EXPORT' };
    const type = functions.get(name);
    const values = given.map((value) => valueOf(value, variables));
    const names = typeof as === 'string' ? [as] : as;
    const wrong = mismatch(type, values, names);
    // JavaScript would convert arguments, fill in zeros, or throw what looks like a trap.
    if (wrong || !type) return { error: 'TYPE_MISMATCH', detail: wrong };
    const passed = values.map(argument);
    let returned;
    try {
      returned = this.#exports[name](...passed);
    } catch (error) {
      return trapOf(error);
    }
    const { results: types } = type;
    // Each is turned into its form before it is put into an array: in one of doubles, V8 changes the bits of a NaN.
    const results = types.length > 1 ? types.map((one, index) => toValue(one, returned[index])) : [];
    if (types.length === 1) results.push(toValue(types[0], returned));
    names.forEach((name, index) => variables.set(name, results[index]));
    return { ok: { results } };
  }

  /**
   * @param {Value | Variable} pointer
   * @param {number | 'nul' | Variable} len 'nul': up to the first zero byte
   * @param {Variables} variables
   * @returns {Uint8Array} those bytes of memory
   * @throws {Refusal} TYPE_MISMATCH; OUT_OF_BOUNDS
   */
  #view(pointer, len, variables) {
    const at = addressOf(pointer, variables);
    const memory = new Uint8Array(this.#memory()?.buffer ?? new ArrayBuffer(0));
    // There is no zero byte beyond memory either.
    const end = len === 'nul' ? memory.indexOf(0, at) : at + lengthOf(len, variables);
    if (end < 0 || end > memory.length) throw new Refusal('OUT_OF_BOUNDS');
    return memory.subarray(at, end);
  }

  #pages() {
    return Math.floor((this.#memory()?.buffer.byteLength ?? 0) / PAGE);
  }

  #grow(/** @type {number} */ pages) {
    const before = this.#pages();
    try {
      const count = this.#shape.memory?.is64 ? BigInt(pages) : pages;
      this.#memory()?.grow(/** @type {number} */ (count));
    } catch (error) {
      return { error: 'REFUSED', detail: String(error) };
    }
    return this.#memory() ? { ok: { pages: before } } : { error: 'REFUSED', detail: 'there is no memory' };
  }

  /**
   * @param {Extract<Step, { do: 'global' }>} step
   * @param {Variables} variables
   */
  #global({ export: name, as }, variables) {
    const global = this.#exports?.[name];
    if (!(global instanceof WebAssembly.Global)) return { error: 'NO_EXPORT' };
    const type = typeOfGlobal(global);
    if (!type) return { error: 'TYPE_MISMATCH', detail: `${name} is no number` };
    const value = toValue(type, global.value);
    if (as !== undefined) variables.set(as, value);
    return { ok: { results: [value] } };
  }

  /** @returns {WebAssembly.Memory | undefined} if there is none */
  #memory() {
    const { memory } = this.#shape;
    return memory ? this.#exports?.[memory.name] : this.#imports.memory;
  }
}

/** @type {[string, boolean, WebAssembly.Module][]} for each type and mutability, a module that imports such a global */
const ASKING = [];

/**
 * JavaScript doesn't tell an i32 from a float: whether a global can be imported as one, it does.
 *
 * @returns {string | undefined} if it is no number
 */
function typeOfGlobal(/** @type {WebAssembly.Global} */ global) {
  if (ASKING.length === 0) {
    for (const [at, type] of NUMBERS.entries()) {
      for (const mutable of [false, true]) {
        const imports = [2, 6, 1, 0, 0, 3, 0x7f - at, Number(mutable)];
        ASKING.push([
          type,
          mutable,
          new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...imports])),
        ]);
      }
    }
  }
  const found = ASKING.find(([, , module]) => {
    try {
      return new WebAssembly.Instance(module, { '': { '': global } });
    } catch {
      return false;
    }
  });
  return found?.[0];
}

/**
 * @param {FunctionType | undefined} type
 * @param {Value[]} args
 * @param {string[]} names for its results
 * @returns {string | undefined} what keeps a call from being made
 */
function mismatch(type, args, names) {
  if (!type) return 'its type has a form that this adapter does not know';
  const foreign = [...type.params, ...type.results].find((one) => !NUMBERS.includes(one));
  if (foreign) return `it takes or returns a ${foreign}, which no step can pass`;
  const given = args.map(typeOf);
  const unknown = given.find((one) => !NUMBERS.includes(one));
  if (unknown) throw new TypeError(`no step can pass a ${unknown}`);
  if (String(given) !== String(type.params)) return `it takes (${type.params.join(', ')}), not (${given.join(', ')})`;
  if (names.length > type.results.length)
    return `it has ${type.results.length} results, not ${names.length} to be named`;
  return undefined;
}

/**
 * @param {Value | Variable} given
 * @param {Variables} variables
 * @returns {number} unsigned
 * @throws {Refusal} TYPE_MISMATCH
 */
function addressOf(given, variables) {
  const value = valueOf(given, variables);
  if (!('i32' in value || 'i64' in value))
    throw new Refusal('TYPE_MISMATCH', `an address or a length can't be an ${typeOf(value)}`);
  const exact = argument(value);
  // Beyond 2^53 a number is not exact, and beyond all memory.
  return typeof exact === 'bigint' ? Number(BigInt.asUintN(64, exact)) : exact >>> 0;
}

/** @type {(given: number | Variable, variables: Variables) => number} */
function lengthOf(given, variables) {
  if (typeof given === 'object') return addressOf(given, variables);
  if (!Number.isInteger(given) || given < 0) throw new TypeError(`${given} is no length in bytes`);
  return given;
}
