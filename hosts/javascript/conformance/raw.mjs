// `raw` cases: primitive steps on one fresh instance of any module without imports.

import { Refusal, trapOf, wordsOf } from './answers.mjs';
import { byteLength, toBytes, toHex } from './bytes.mjs';
import { exportTypes } from './wasm-types.mjs';

/**
 * @typedef {import('./wasm-types.mjs').FunctionType} FunctionType
 * @typedef {{ i32: number } | { i64: string } | { f32: string } | { f64: string }} Value
 * @typedef {{ var: string, plus?: number }} Variable
 * @typedef {{ do: 'call', export: string, args?: (Value | Variable)[], as?: string }
 *   | { do: 'write', ptr: Value | Variable, bytes: string | { repeat: string, times: number } }
 *   | { do: 'read', ptr: Value | Variable, len: number }
 *   | { do: 'pages' }} Step
 *
 * @typedef {object} Shape of a module
 * @property {Map<string, FunctionType | undefined>} functions by name; undefined for a type that is not known here
 * @property {{ name: string, is64: boolean } | undefined} memory that `read` and `write` are about
 *
 * @typedef {{ making: true } | { calling: true } | { answer: object }} Progress
 */

/** Bytes in a page of linear memory. */
const PAGE = 65536;
/** The types that the protocol has values of. */
const NUMBERS = ['i32', 'i64', 'f32', 'f64'];
/** What a line of the protocol can have in hex. */
const MOST_READ = 32 * 1024 * 1024;

/** @type {WeakMap<WebAssembly.Module, Shape>} */
const known = new WeakMap();

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @param {Step[]} steps
 * @param {(progress: Progress) => void} [tell] hears of the instance and of each call before they are made, and of each
 *   answer
 * @returns {Promise<{ steps: object[] }>} one answer a step; a trap is the last
 * @throws {Refusal} NO_INSTANCE
 */
export async function runRaw(module, bytes, steps, tell) {
  const shape = known.get(module) ?? shapeOf(module, bytes);
  known.set(module, shape);
  tell?.({ making: true });
  const instance = new RawInstance(await newInstance(module), shape);
  const answers = [];
  for (const step of steps) {
    if (step.do === 'call') tell?.({ calling: true });
    const answer = instance.do(step);
    tell?.({ answer });
    answers.push(answer);
    if ('trap' in answer) break;
  }
  return { steps: answers };
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
  const exports = /** @type {Record<string, any>} */ ((await newInstance(module)).exports);
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
async function newInstance(/** @type {WebAssembly.Module} */ module) {
  try {
    return await WebAssembly.instantiate(module, {});
  } catch (error) {
    throw new Refusal('NO_INSTANCE', wordsOf(error));
  }
}

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @returns {Shape}
 */
function shapeOf(module, bytes) {
  const types = exportTypes(bytes);
  const exported = WebAssembly.Module.exports(module).map((one, index) => ({ ...one, ...types[index] }));
  const memories = exported.filter(({ kind }) => kind === 'memory');
  // Not the first in the object of exports: there, names such as "0" come before all others.
  const memory = memories.find(({ name }) => name === 'memory') ?? memories[0];
  return {
    functions: new Map(exported.filter(({ kind }) => kind === 'function').map(({ name, type }) => [name, type])),
    memory: memory && { name: memory.name, is64: memory.is64 ?? false },
  };
}

class RawInstance {
  /** @type {Record<string, any>} */
  #exports;
  /** @type {Shape} */
  #shape;
  /** @type {Map<string, number>} */
  #variables = new Map();

  constructor(/** @type {WebAssembly.Instance} */ instance, /** @type {Shape} */ shape) {
    this.#exports = instance.exports;
    this.#shape = shape;
  }

  /** @returns {object} */
  do(/** @type {Step} */ step) {
    switch (step.do) {
      case 'call':
        return this.#call(step);
      case 'write':
        return this.#withView(step.ptr, byteLength(step.bytes), (view) => (view.set(toBytes(step.bytes)), {}));
      case 'read':
        return this.#withView(step.ptr, step.len, (view) => {
          if (step.len > MOST_READ) throw new Error(`${step.len} bytes in hex exceed a line of the protocol`);
          return { bytes: toHex(view) };
        });
      case 'pages':
        return { ok: { pages: Math.floor(this.#memory().byteLength / PAGE) } };
      default:
        throw new Error(`no such step: ${JSON.stringify(step)}`);
    }
  }

  /** @param {Extract<Step, { do: 'call' }>} step */
  #call({ export: name, args: given = [], as }) {
    const { functions } = this.#shape;
    if (!functions.has(name)) return { error: 'NO_EXPORT' };
    const type = functions.get(name);
    const wrong = mismatch(type, given, as);
    // JavaScript would convert arguments, fill in zeros, or throw what looks like a trap.
    if (wrong || !type) return { error: 'TYPE_MISMATCH', detail: wrong };
    const args = given.map((value) => this.#argument(value));
    let returned;
    try {
      returned = this.#exports[name](...args);
    } catch (error) {
      return trapOf(error);
    }
    const { results: types } = type;
    if (as !== undefined) this.#variables.set(as, types.length > 1 ? returned[0] : returned);
    // Each is turned into its form before it is put into an array: in one of doubles, V8 changes the bits of a NaN.
    const results = types.length > 1 ? types.map((one, index) => toValue(one, returned[index])) : [];
    if (types.length === 1) results.push(toValue(types[0], returned));
    return { ok: { results } };
  }

  /** @param {Value | Variable} value */
  #argument(value) {
    if ('var' in value) return this.#variable(value);
    if ('i32' in value) {
      if (!Number.isInteger(value.i32) || value.i32 < -(2 ** 31) || value.i32 >= 2 ** 32)
        throw new RangeError(`${value.i32} is no i32`);
      return value.i32;
    }
    if ('i64' in value) return BigInt(value.i64);
    const view = new DataView(new ArrayBuffer(8));
    if ('f32' in value) {
      view.setUint32(0, Number.parseInt(value.f32, 16));
      return view.getFloat32(0);
    }
    view.setBigUint64(0, BigInt(`0x${value.f64}`));
    quieten(view);
    return view.getFloat64(0);
  }

  /** @param {Variable} variable */
  #variable({ var: name, plus = 0 }) {
    const value = this.#variables.get(name);
    if (value === undefined) throw new Error(`no earlier step gave a result the name ${name}`);
    return (value + plus) | 0;
  }

  /**
   * @param {Value | Variable} pointer
   * @param {number} length
   * @param {(view: Uint8Array) => object} work
   * @returns {object} its answer
   */
  #withView(pointer, length, work) {
    const given = typeOf(pointer);
    if (given !== 'i32' && !(given === 'i64' && this.#shape.memory?.is64)) {
      return { error: 'TYPE_MISMATCH', detail: `a pointer into this memory cannot be an ${given}` };
    }
    if (!Number.isInteger(length) || length < 0) throw new TypeError(`${length} is no length in bytes`);
    const value = this.#argument(pointer);
    // Beyond 2^53 a number is not exact, and beyond all memory.
    const at = typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value >>> 0;
    const memory = this.#memory();
    if (at + length > memory.byteLength) return { error: 'OUT_OF_BOUNDS' };
    return { ok: work(new Uint8Array(memory, at, length)) };
  }

  /** @returns {ArrayBuffer} of no bytes if the module exports no memory */
  #memory() {
    const { memory } = this.#shape;
    return memory ? this.#exports[memory.name].buffer : new ArrayBuffer(0);
  }
}

/**
 * @param {FunctionType | undefined} type
 * @param {(Value | Variable)[]} args
 * @param {string | undefined} as
 * @returns {string | undefined} what keeps a call from being made
 */
function mismatch(type, args, as) {
  if (!type) return 'its type has a form that this adapter does not know';
  const foreign = [...type.params, ...type.results].find((one) => !NUMBERS.includes(one));
  if (foreign) return `it takes or returns a ${foreign}, which no step can pass`;
  const given = args.map(typeOf);
  const unknown = given.find((one) => !NUMBERS.includes(one));
  if (unknown) throw new TypeError(`no step can pass a ${unknown}`);
  if (String(given) !== String(type.params)) return `it takes (${type.params.join(', ')}), not (${given.join(', ')})`;
  if (as !== undefined && type.results[0] !== 'i32') return `it has no first result of type i32 to be named ${as}`;
  return undefined;
}

/** @param {Value | Variable} value */
function typeOf(value) {
  return 'var' in value ? 'i32' : Object.keys(value)[0];
}

/** @returns {Value} */
function toValue(/** @type {string} */ type, /** @type {number | bigint} */ result) {
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case 'i32':
      return { i32: Number(result) | 0 };
    case 'i64':
      return { i64: String(result) };
    case 'f32':
      view.setFloat32(0, Number(result));
      return { f32: toHex(new Uint8Array(view.buffer, 0, 4)) };
    case 'f64':
      view.setFloat64(0, Number(result));
      quieten(view);
      return { f64: toHex(new Uint8Array(view.buffer)) };
    default:
      throw new Error(`a result of type ${type} has no form in the protocol`);
  }
}

/**
 * Makes a signalling NaN a quiet one. V8's interpreter does so and its compilers do not: without this, the answer would
 * depend on how often the adapter was asked before. An f32 is made quiet on its way to or from a double.
 *
 * @param {DataView} view of an f64
 */
function quieten(view) {
  if (Number.isNaN(view.getFloat64(0))) view.setUint8(1, view.getUint8(1) | 0x08);
}
