// `raw` cases: primitive steps on one fresh instance of any module without imports.

import { toBytes, toHex } from './bytes.mjs';
import { exportedFunctionTypes } from './wasm-types.mjs';

/**
 * @typedef {import('./wasm-types.mjs').FunctionType} FunctionType
 * @typedef {{ i32: number } | { i64: string } | { f32: string } | { f64: string }} Value
 * @typedef {{ var: string, plus?: number }} Variable
 * @typedef {{ do: 'call', export: string, args?: (Value | Variable)[], as?: string }
 *   | { do: 'write', ptr: Value | Variable, bytes: string | { repeat: string, times: number } }
 *   | { do: 'read', ptr: Value | Variable, len: number }
 *   | { do: 'pages' }} Step
 */

/** Bytes in a page of linear memory. */
const PAGE = 65536;
/** The types that the protocol has values of. */
const NUMBERS = ['i32', 'i64', 'f32', 'f64'];

/** @type {WeakMap<WebAssembly.Module, Map<string, FunctionType>>} */
const known = new WeakMap();

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @param {Step[]} steps
 * @param {(told: { calling: true } | { answer: object }) => void} [tell] is told of each call before it is made, and of
 *   each answer
 * @returns {{ steps: object[] }} one answer a step; a trap is the last
 */
export function runRaw(module, bytes, steps, tell) {
  const types = known.get(module) ?? exportedFunctionTypes(bytes);
  known.set(module, types);
  const instance = new RawInstance(module, types);
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
 * @returns {{ bytes: string } | undefined} what the old view shows; undefined where it shows nothing any more
 */
export function runKeptView(module, { ptr, value }) {
  const exports = /** @type {Record<string, any>} */ (new WebAssembly.Instance(module, {}).exports);
  const view = new Uint8Array(memoryOf(exports)?.buffer ?? new ArrayBuffer(0), ptr, 4);
  if (exports.grow(1) === -1) throw new Error('memory did not grow');
  exports.store(ptr, value);
  // The buffer that the view looks into is detached: nothing is thrown, the view just has no bytes.
  return view.length === 0 ? undefined : { bytes: toHex(view) };
}

class RawInstance {
  /** @type {WebAssembly.Exports} */
  #exports;
  /** @type {Map<string, FunctionType>} */
  #types;
  /** @type {Map<string, number>} */
  #variables = new Map();

  /**
   * @param {WebAssembly.Module} module
   * @param {Map<string, FunctionType>} types
   */
  constructor(module, types) {
    this.#exports = new WebAssembly.Instance(module, {}).exports;
    this.#types = types;
  }

  /**
   * @param {Step} step
   * @returns {object}
   */
  do(step) {
    switch (step.do) {
      case 'call':
        return this.#call(step);
      case 'write': {
        const bytes = toBytes(step.bytes);
        const view = this.#view(this.#pointer(step.ptr), bytes.length);
        view?.set(bytes);
        return view ? { ok: {} } : { error: 'OUT_OF_BOUNDS' };
      }
      case 'read': {
        const view = this.#view(this.#pointer(step.ptr), step.len);
        return view ? { ok: { bytes: toHex(view) } } : { error: 'OUT_OF_BOUNDS' };
      }
      case 'pages':
        return { ok: { pages: this.#memory().byteLength / PAGE } };
      default:
        return { unsupported: `no such step: ${JSON.stringify(step)}` };
    }
  }

  /** @param {Extract<Step, { do: 'call' }>} step */
  #call(step) {
    const type = this.#types.get(step.export);
    if (!type) return { error: 'NO_EXPORT' };
    const args = (step.args ?? []).map((value) => this.#argument(value));
    if (args.length !== type.params.length) {
      // JavaScript would fill in zeros, or drop what is too many.
      return { unsupported: `${step.export} takes ${type.params.length} arguments, not ${args.length}` };
    }
    const foreign = [...type.params, ...type.results].find((one) => !NUMBERS.includes(one));
    // JavaScript would throw, and that would look like a trap.
    if (foreign) return { unsupported: `${step.export} takes or returns a ${foreign}, which no step can pass` };
    let returned;
    try {
      returned = /** @type {Function} */ (this.#exports[step.export])(...args);
    } catch (error) {
      return { trap: true, detail: String(error) };
    }
    const results = type.results.length > 1 ? [...returned] : type.results.length === 1 ? [returned] : [];
    if (step.as !== undefined && type.results[0] === 'i32') this.#variables.set(step.as, results[0]);
    return { ok: { results: results.map((result, index) => toValue(type.results[index], result)) } };
  }

  /** @param {Value | Variable} value */
  #argument(value) {
    if ('var' in value) return this.#variable(value);
    if ('i32' in value) return value.i32;
    if ('i64' in value) return BigInt(value.i64);
    const view = new DataView(new ArrayBuffer(8));
    if ('f32' in value) {
      view.setUint32(0, Number.parseInt(value.f32, 16));
      return view.getFloat32(0);
    }
    view.setBigUint64(0, BigInt(`0x${value.f64}`));
    return view.getFloat64(0);
  }

  /** @param {Variable} variable */
  #variable({ var: name, plus = 0 }) {
    const value = this.#variables.get(name);
    if (value === undefined) throw new Error(`no earlier step gave a result the name ${name}`);
    return (value + plus) | 0;
  }

  /**
   * @param {Value | Variable} value
   * @returns {number} unsigned
   */
  #pointer(value) {
    return Number(this.#argument(value)) >>> 0;
  }

  /**
   * @param {number} pointer
   * @param {number} length
   * @returns {Uint8Array | undefined} undefined where it is not all in linear memory
   */
  #view(pointer, length) {
    const memory = this.#memory();
    return pointer + length <= memory.byteLength ? new Uint8Array(memory, pointer, length) : undefined;
  }

  #memory() {
    return memoryOf(this.#exports)?.buffer ?? new ArrayBuffer(0);
  }
}

/**
 * @param {WebAssembly.Exports} exports
 * @returns {WebAssembly.Memory | undefined} the first memory among them, whatever its name is
 */
function memoryOf(exports) {
  return Object.values(exports).find((item) => item instanceof WebAssembly.Memory);
}

/**
 * @param {string} type
 * @param {number | bigint} result
 * @returns {Value}
 */
function toValue(type, result) {
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
      return { f64: toHex(new Uint8Array(view.buffer)) };
    default:
      throw new Error(`a result of type ${type} has no form in the protocol`);
  }
}
