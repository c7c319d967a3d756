// The exports of any component, called through the JavaScript that jco has written for it. That shows no types: hello brings
// them. Neutral: every adapter in JavaScript shares it. hosts/COMPONENTS.md says how values are written.

import { Refusal, trapOf } from './answers.mjs';
import { toBytes, toHex } from './bytes.mjs';

/**
 * @typedef {import('./answers.mjs').Json} Json
 * @typedef {any} Value by its type
 * @typedef {any} Type `"u32"`, or an object with one field, such as `{ list: "u32" }`
 * @typedef {Record<string, { params: Type[], result?: Type } | null>} Types of functions, by name; null has no form
 * @typedef {{ type: string, value: any } | undefined} Held a resource, until it is gone
 * @typedef {{ do: 'call', export: string, args?: Value[] } | { do: 'drop', handle: number }} Step
 */

/** The least and the most of each integer that JSON has as a number. */
const RANGES = { s8: [-(2 ** 7), 2 ** 7], s16: [-(2 ** 15), 2 ** 15], s32: [-(2 ** 31), 2 ** 31], u8: [0, 2 ** 8] };
/** @type {Record<string, number[]>} */
const NUMBERS = { ...RANGES, u16: [0, 2 ** 16], u32: [0, 2 ** 32] };
/** @type {Record<string, bigint[]>} */
const LONG = { s64: [-(2n ** 63n), 2n ** 63n], u64: [0n, 2n ** 64n] };

/** The one NaN that a component's values have. */
const NAN = 'nan';

const DISPOSE = Symbol.dispose ?? Symbol.for('dispose');

/**
 * Does the steps on a fresh instance.
 *
 * @param {() => Record<string, any>} instantiate
 * @param {Types} types of its exports
 * @param {Step[]} steps
 * @returns {Json}
 * @throws {Refusal} NO_INSTANCE
 */
export function runCalls(instantiate, types, steps) {
  if (!Array.isArray(steps)) throw new Error('steps is a list');
  const calls = new Calls(started(instantiate), types);
  /** @type {Json[]} */
  const answers = [];
  for (const step of steps) {
    const answer = calls.step(step);
    answers.push(answer);
    if (answer.trap) break;
  }
  return { steps: answers };
}

function started(/** @type {() => Record<string, any>} */ instantiate) {
  try {
    return instantiate();
  } catch (error) {
    throw new Refusal('NO_INSTANCE', String(error));
  }
}

class Calls {
  #exports;
  #types;
  /** @type {Held[]} the resources that came */
  #handles = [];

  /**
   * @param {Record<string, any>} exports
   * @param {Types} types
   */
  constructor(exports, types) {
    this.#exports = exports;
    this.#types = types;
  }

  /** @returns {Json} */
  step(/** @type {Step} */ step) {
    try {
      const isCall = step.do === 'call' && typeof step.export === 'string' && Array.isArray(step.args ?? []);
      if (isCall) return { ok: this.#call(step.export, step.args ?? []) };
      if (step.do !== 'drop' || !Number.isInteger(step.handle) || step.handle < 0)
        throw new Error(`a component has no step ${JSON.stringify(step)}`);
      const held = this.#held(step.handle);
      this.#handles[step.handle] = undefined;
      return trapping(() => held.value[DISPOSE]()) ?? { ok: {} };
    } catch (error) {
      if (error instanceof Trap) return trapOf(error.cause);
      if (error instanceof Refusal) return { error: error.code, ...(error.detail && { detail: error.detail }) };
      throw error;
    }
  }

  /** @type {(name: string, args: Value[]) => Json} */
  #call(name, args) {
    if (!Object.hasOwn(this.#types, name)) throw new Refusal('NO_EXPORT');
    const type = this.#types[name];
    if (type === null) throw new Refusal('TYPE_MISMATCH', 'it takes or returns a type that has no form here');
    const { params, result } = type;
    if (params.length !== args.length) {
      throw new Refusal('TYPE_MISMATCH', `${args.length} arguments for ${params.length} parameters`);
    }
    /** @type {Set<number>} */
    const given = new Set();
    const lowered = params.map((type, at) => this.#lower(type, args[at], given));
    for (const handle of given) this.#handles[handle] = undefined;
    const isFallible = result !== undefined && result.result !== undefined;
    let returned;
    try {
      returned = this.#function(name)(...lowered);
    } catch (error) {
      // Whatever else it throws is a trap, or a value that the component must not give.
      if (!isFallible || !(error instanceof Error) || error.constructor.name !== 'ComponentError')
        throw new Trap(error);
      return { result: this.#lift(result, { tag: 'err', val: /** @type {any} */ (error).payload }) };
    }
    if (result === undefined) return {};
    return { result: this.#lift(result, isFallible ? { tag: 'ok', val: returned } : returned) };
  }

  /** Where jco has put a function. */
  #function(/** @type {string} */ name) {
    const [, , interfaceName, kind, last] = /** @type {RegExpExecArray} */ (/^((.*)#)?(\[[a-z]+\])?(.*)$/.exec(name));
    // One without a package has only its name in camel case.
    const found =
      interfaceName === undefined
        ? this.#exports
        : (this.#exports[interfaceName] ?? this.#exports[lowerCamel(interfaceName)]);
    if (kind === undefined) return (/** @type {any[]} */ ...args) => found[lowerCamel(last)](...args);
    const [resource, method] = last.split('.');
    const Resource = found[upperCamel(resource)];
    if (kind === '[constructor]') return (/** @type {any[]} */ ...args) => new Resource(...args);
    if (kind === '[static]') return (/** @type {any[]} */ ...args) => Resource[lowerCamel(method)](...args);
    return (/** @type {any} */ self, /** @type {any[]} */ ...args) => self[lowerCamel(method)](...args);
  }

  #held(/** @type {number} */ handle) {
    const held = this.#handles[handle];
    if (held === undefined) throw new Refusal('NO_HANDLE');
    return held;
  }

  /**
   * @param {Type} type
   * @param {Value} json
   * @param {Set<number>} given gets the resources that the component takes for good
   * @returns {any} as jco takes it
   */
  #lower(type, json, given) {
    const wrong = () => new Refusal('TYPE_MISMATCH', `the parameter has another type than ${JSON.stringify(json)}`);
    const check = (/** @type {boolean} */ isRight) => {
      if (!isRight) throw wrong();
    };
    if (typeof type === 'string') return lowerSimple(type, json, check);
    const [[kind, of]] = Object.entries(type);
    const payload = (/** @type {Type | null | undefined} */ inner, /** @type {Value} */ value) => {
      check((inner === null) === (value === undefined));
      return inner === null ? undefined : this.#lower(inner, value, given);
    };
    switch (kind) {
      case 'list':
        if (of === 'u8') return lowerBytes(json, check);
        check(Array.isArray(json));
        return typed(
          of,
          json.map((/** @type {Value} */ item) => this.#lower(of, item, given)),
        );
      case 'tuple':
        check(Array.isArray(json) && json.length === of.length);
        return of.map((/** @type {Type} */ inner, /** @type {number} */ at) => this.#lower(inner, json[at], given));
      case 'record':
        check(isObject(json) && Object.keys(json).length === of.length);
        return Object.fromEntries(
          of.map((/** @type {[string, Type]} */ [name, inner]) => {
            check(Object.hasOwn(json, name));
            return [lowerCamel(name), this.#lower(inner, json[name], given)];
          }),
        );
      case 'enum':
        check(of.includes(json));
        return json;
      case 'flags':
        check(Array.isArray(json) && json.every((/** @type {any} */ name) => of.includes(name)));
        return Object.fromEntries(of.map((/** @type {string} */ name) => [lowerCamel(name), json.includes(name)]));
      case 'variant':
      case 'option':
      case 'result': {
        const [name, value] = caseOf(json, check);
        const inner = new Map(casesOf(kind, of)).get(name);
        check(inner !== undefined);
        const val = payload(inner, value);
        if (kind !== 'option' || isNested(of)) return { tag: name, val };
        return val;
      }
      case 'own':
      case 'borrow': {
        check(isObject(json) && Object.keys(json).length === 1 && Number.isInteger(json.handle) && json.handle >= 0);
        const held = this.#handles[json.handle];
        if (held === undefined || given.has(json.handle)) throw new Refusal('NO_HANDLE');
        check(held.type === of);
        if (kind === 'own') given.add(json.handle);
        return held.value;
      }
      default:
        throw wrong();
    }
  }

  /** @type {(type: Type, value: any) => Value} */
  #lift(type, value) {
    if (typeof type === 'string') return liftSimple(type, value);
    const [[kind, of]] = Object.entries(type);
    switch (kind) {
      case 'list':
        if (of === 'u8') return toHex(value);
        return Array.from(value, (item) => this.#lift(of, item));
      case 'tuple':
        return of.map((/** @type {Type} */ inner, /** @type {number} */ at) => this.#lift(inner, value[at]));
      case 'record':
        return Object.fromEntries(
          of.map((/** @type {[string, Type]} */ [name, inner]) => [name, this.#lift(inner, value[lowerCamel(name)])]),
        );
      case 'flags':
        return of.filter((/** @type {string} */ name) => value[lowerCamel(name)]);
      case 'variant':
      case 'option':
      case 'result': {
        const { tag, val } = kind !== 'option' || isNested(of) ? value : optional(value);
        const inner = new Map(casesOf(kind, of)).get(tag);
        return inner === null ? tag : { [tag]: this.#lift(inner, val) };
      }
      case 'own':
        this.#handles.push({ type: of, value });
        return { handle: this.#handles.length - 1 };
      default:
        // An enum is its name.
        return value;
    }
  }
}

/** What a call threw that is no error of its type. */
class Trap extends Error {
  constructor(/** @type {unknown} */ cause) {
    super('trap', { cause });
  }
}

/** @returns {undefined} */
function trapping(/** @type {() => void} */ work) {
  try {
    work();
  } catch (error) {
    throw new Trap(error);
  }
}

const optional = (/** @type {any} */ value) => (value === undefined ? { tag: 'none' } : { tag: 'some', val: value });

/**
 * Whether undefined is a value of it: an option of such an option has tags, and an option of that has none again.
 *
 * @param {Type} type
 * @returns {boolean}
 */
function isNested(type) {
  return typeof type === 'object' && type.option !== undefined && !isNested(type.option);
}

const isObject = (/** @type {any} */ json) => typeof json === 'object' && json !== null && !Array.isArray(json);

/** @type {(kind: string, of: any) => [string, Type | null][]} */
function casesOf(kind, of) {
  if (kind === 'variant') return of;
  if (kind === 'option')
    return [
      ['none', null],
      ['some', of],
    ];
  return [
    ['ok', of[0]],
    ['err', of[1]],
  ];
}

/**
 * @param {Value} json
 * @param {(isRight: boolean) => void} check
 * @returns {[name: string, payload: Value]}
 */
function caseOf(json, check) {
  if (typeof json === 'string') return [json, undefined];
  check(isObject(json) && Object.keys(json).length === 1);
  return /** @type {[string, Value]} */ (Object.entries(json)[0]);
}

/** @type {(json: Value, check: (isRight: boolean) => void) => Uint8Array} */
function lowerBytes(json, check) {
  check(typeof json === 'string' || (isObject(json) && Object.keys(json).length === 2));
  try {
    return toBytes(json);
  } catch {
    check(false);
    throw new Error('unreachable');
  }
}

/** @type {(type: string, json: any, check: (isRight: boolean) => void) => any} */
function lowerSimple(type, json, check) {
  if (type === 'bool') {
    check(typeof json === 'boolean');
    return json;
  }
  if (Object.hasOwn(NUMBERS, type)) {
    const [least, beyond] = NUMBERS[type];
    check(Number.isInteger(json) && least <= json && json < beyond);
    return json;
  }
  check(typeof json === 'string');
  if (Object.hasOwn(LONG, type)) {
    const [least, beyond] = LONG[type];
    check((type === 's64' ? /^-?\d+$/ : /^\d+$/).test(json));
    const number = BigInt(json);
    check(least <= number && number < beyond);
    return number;
  }
  if (type === 'f32' || type === 'f64') {
    if (json === NAN) return NaN;
    check(new RegExp(`^[0-9a-f]{${type === 'f32' ? 8 : 16}}$`).test(json));
    const view = new DataView(toBytes(json).buffer);
    return type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  }
  if (type === 'char') check([...json].length === 1);
  return json;
}

/** @type {(type: string, value: any) => Value} */
function liftSimple(type, value) {
  if (type === 's64' || type === 'u64') return String(value);
  if (type !== 'f32' && type !== 'f64') return value;
  if (Number.isNaN(value)) return NAN;
  const view = new DataView(new ArrayBuffer(type === 'f32' ? 4 : 8));
  if (type === 'f32') view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return toHex(new Uint8Array(view.buffer));
}

/** @type {Record<string, any>} */
const ARRAYS = {
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** A list as jco's types have it. */
const typed = (/** @type {Type} */ of, /** @type {any[]} */ items) =>
  typeof of === 'string' && Object.hasOwn(ARRAYS, of) ? new ARRAYS[of](items) : items;

/** `load-key` is `LoadKey`. */
function upperCamel(/** @type {string} */ name) {
  return name.replaceAll(/(?:^|-)([^-])([^-]*)/g, (_, first, rest) => first.toUpperCase() + rest.toLowerCase());
}

/** `load-key` is `loadKey`. */
function lowerCamel(/** @type {string} */ name) {
  const camel = upperCamel(name);
  return camel.charAt(0).toLowerCase() + camel.slice(1);
}
