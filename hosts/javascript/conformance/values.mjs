// The values of the protocol, as JavaScript has them.

import { Refusal } from './answers.mjs';
import { toHex } from './bytes.mjs';

/**
 * @typedef {{ i32: number } | { i64: string } | { f32: string } | { f64: string }} Value
 * @typedef {{ var: string, plus?: number }} Variable
 * @typedef {Map<string, Value>} Variables by name
 * @typedef {'i32' | 'i64' | 'f32' | 'f64'} ValueType
 */

/** The types that the protocol has values of. */
export const NUMBERS = ['i32', 'i64', 'f32', 'f64'];

/**
 * @param {Value | Variable} value
 * @param {Variables} variables
 * @returns {Value} with its type
 * @throws {Refusal} TYPE_MISMATCH: nothing is added to a float
 */
export function valueOf(value, variables) {
  if (!('var' in value)) return value;
  const { var: name, plus = 0 } = value;
  const known = variables.get(name);
  if (known === undefined) throw new Error(`no earlier step gave a result the name ${name}`);
  if (plus === 0) return known;
  if ('i32' in known) return { i32: (known.i32 + plus) | 0 };
  if ('i64' in known) return { i64: String(BigInt.asIntN(64, BigInt(known.i64) + BigInt(plus))) };
  throw new Refusal('TYPE_MISMATCH', `${name} is an ${typeOf(known)}, and nothing can be added to it`);
}

/**
 * @param {Value} value
 * @returns {any} as JavaScript passes it
 */
export function argument(value) {
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

/** @returns {string} */
export function typeOf(/** @type {Value} */ value) {
  return Object.keys(value)[0];
}

/** @returns {Value} */
export function toValue(/** @type {string} */ type, /** @type {number | bigint} */ result) {
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
