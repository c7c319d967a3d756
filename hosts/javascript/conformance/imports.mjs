// What `raw_imports` provides to a module: functions that do what data says, and memories, tables and globals. The contract is
// hosts/IMPORTS.md.

import { Refusal } from './answers.mjs';
import { argument, toValue, valueOf } from './values.mjs';

/**
 * @typedef {import('./values.mjs').Value} Value
 * @typedef {import('./values.mjs').Variable} Variable
 * @typedef {import('./raw.mjs').Step} Step
 * @typedef {import('./wasm-types.mjs').FunctionType} FunctionType
 * @typedef {{ steps?: Step[], results?: (Value | Variable)[], throw?: string }} Entry
 * @typedef {{ min: number, max?: number }} Limits
 *
 * @typedef {object} Import
 * @property {string} module
 * @property {string} name
 * @property {FunctionType} [func]
 * @property {Entry[]} [calls]
 * @property {Limits} [memory]
 * @property {Limits} [table]
 * @property {Value} [global]
 * @property {boolean} [mutable]
 */

/** How many calls of a request are told. */
const MOST_TOLD = 64;

export class Imports {
  /** What `WebAssembly.instantiate` takes. */
  object = /** @type {WebAssembly.Imports} */ (Object.create(null));
  /** @type {WebAssembly.Memory | undefined} the first that is provided */
  memory;
  /** @type {import('./raw.mjs').RawInstance | undefined} who calls */
  guest;
  /** @type {object[]} */
  #told = [];
  #left = MOST_TOLD;

  /**
   * @param {Import[]} provided
   * @param {{ module: string, name: string, type?: FunctionType }[]} needed
   * @throws {Refusal} NO_INSTANCE
   */
  constructor(provided, needed) {
    for (const [index, one] of provided.entries()) {
      const type = needed.find(({ module, name }) => module === one.module && name === one.name)?.type;
      const { params, results } = one.func ?? {};
      // JavaScript takes any function for any other.
      if (one.func && type && (String(type.params) !== String(params) || String(type.results) !== String(results)))
        throw new Refusal('NO_INSTANCE', `${one.module}.${one.name} has another type`);
      this.object[one.module] ??= Object.create(null);
      this.object[one.module][one.name] ??= this.#provide(one, index);
    }
  }

  /** @returns {object[]} the calls that came since the last time */
  take() {
    return this.#told.splice(0);
  }

  /** @returns {WebAssembly.ImportValue} */
  #provide(/** @type {Import} */ one, /** @type {number} */ index) {
    try {
      if (one.memory) {
        const memory = new WebAssembly.Memory(limits(one.memory));
        this.memory ??= memory;
        return memory;
      }
      if (one.table) return new WebAssembly.Table({ element: 'anyfunc', ...limits(one.table) });
      if (one.global) {
        const [value] = /** @type {import('./values.mjs').ValueType[]} */ (Object.keys(one.global));
        return new WebAssembly.Global({ value, mutable: one.mutable ?? false }, argument(one.global));
      }
    } catch (error) {
      throw new Refusal('NO_INSTANCE', `${one.module}.${one.name}: ${error}`);
    }
    return this.#function(one, index);
  }

  /** @returns {Function} */
  #function(/** @type {Import} */ { func, calls = [] }, /** @type {number} */ index) {
    const { params, results } = func ?? { params: [], results: [] };
    let count = 0;
    return (/** @type {any[]} */ ...args) => {
      const entry = calls[Math.min(count, calls.length - 1)] ?? {};
      count += 1;
      /** @type {{ import: number, args: Value[], steps?: object[] }} */
      const call = { import: index, args: params.map((type, at) => toValue(type, args[at])) };
      if (this.#left > 0) this.#told.push(call);
      this.#left -= 1;
      const variables = new Map(call.args.map((value, at) => [`arg${at}`, value]));
      for (const step of entry.steps ?? []) {
        const answer = this.guest?.do(step, variables);
        (call.steps ??= []).push(answer);
        // In the words of the first, however often it is passed on.
        if (answer?.trap) throw Object.assign(new Error(answer.detail), { name: '' });
      }
      if (entry.throw !== undefined) throw new Error(entry.throw);
      const given = entry.results ?? results.map((type) => (type === 'i64' ? { i64: '0' } : { i32: 0 }));
      const returned = given.map((value) => argument(valueOf(value, variables)));
      return returned.length > 1 ? returned : returned[0];
    };
  }
}

/** @returns {{ initial: number, maximum?: number }} */
function limits(/** @type {Limits} */ { min, max }) {
  return max === undefined ? { initial: min } : { initial: min, maximum: max };
}
