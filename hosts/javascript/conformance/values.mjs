// The values of the protocol, as JavaScript has them.

import { toHex } from './bytes.mjs';

/**
 * @typedef {{ i32: number } | { i64: string } | { f32: string } | { f64: string }} Value
 * @typedef {{ var: string, plus?: number }} Variable
 * @typedef {Map<string, number>} Variables by name
 * @typedef {'i32' | 'i64' | 'f32' | 'f64'} ValueType
 */

/** The types that the protocol has values of. */
export const NUMBERS = ['i32', 'i64', 'f32', 'f64'];

/**
 * @param {Value | Variable} value
 * @param {Variables} variables
 * @returns {any} as JavaScript passes it
 */
export function argument(value, variables) {
  if ('var' in value) {
    const known = variables.get(value.var);
    if (known === undefined) throw new Error(`no earlier step gave a result the name ${value.var}`);
    return (known + (value.plus ?? 0)) | 0;
  }
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

/** @param {Value | Variable} value */
export function typeOf(value) {
  return 'var' in value ? 'i32' : Object.keys(value)[0];
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
