// Modules of a few bytes, for what a signer cannot show. Neutral: the tests of every host in JavaScript share them.
// https://webassembly.github.io/spec/core/binary/modules.html

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
export const NUMBERS = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
export const V128 = 0x7b;
const ONE_PAGE = [0, 1];

/** One function a value type that returns its argument, one that traps, one without results, and a page of memory. */
export function identityModule() {
  const types = Object.values(NUMBERS);
  const names = [...Object.keys(NUMBERS), 'nothing', 'trap'];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [...types.map((type) => [0x60, 1, type, 1, type]), [0x60, 0, 0]]),
    ...section(3, [[0], [1], [2], [3], [4], [4]]),
    ...section(5, [ONE_PAGE]),
    ...section(7, [...names.map((name, index) => exported(name, 0, index)), exported('memory', 2, 0)]),
    ...section(10, [...types.map(() => [4, 0, 0x20, 0, 0x0b]), [2, 0, 0x0b], [3, 0, 0x00, 0x0b]]),
  ]);
}

/** A page of memory; `grow`, `store` and `load`; and `spin`, which never returns. */
export function memoryModule() {
  const { i32 } = NUMBERS;
  const names = ['grow', 'store', 'load', 'spin'];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [
      [0x60, 1, i32, 1, i32],
      [0x60, 2, i32, i32, 0],
      [0x60, 0, 0],
    ]),
    ...section(3, [[0], [1], [0], [2]]),
    ...section(5, [ONE_PAGE]),
    ...section(7, [...names.map((name, index) => exported(name, 0, index)), exported('memory', 2, 0)]),
    ...section(10, [
      [6, 0, 0x20, 0, 0x40, 0, 0x0b], // memory.grow
      [9, 0, 0x20, 0, 0x20, 1, 0x36, 2, 0, 0x0b], // i32.store
      [7, 0, 0x20, 0, 0x28, 2, 0, 0x0b], // i32.load
      [7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b], // a loop that goes back to its start
    ]),
  ]);
}

/** A struct among its types, `answer`, which returns 42, and `vector`, which takes a v128. */
export function foreignTypesModule() {
  const { i32 } = NUMBERS;
  return Uint8Array.from([
    ...HEADER,
    // A group of two: a struct of an i8 that can be changed and a reference to itself, and a function.
    ...section(1, [
      [0x4e, 2, 0x5f, 2, 0x78, 1, 0x63, 0, 0, 0x60, 0, 1, i32],
      [0x60, 1, V128, 0],
    ]),
    ...section(3, [[1], [2]]),
    ...section(7, [exported('answer', 0, 0), exported('vector', 0, 1)]),
    ...section(10, [
      [4, 0, 0x41, 42, 0x0b],
      [2, 0, 0x0b],
    ]),
  ]);
}

/**
 * All that a batch module has, good for nothing: it takes any key, or answers `load_key` with another status, such as
 * 8, SELF_TEST_FAILED; its signatures are what its memory has where the batch came in; and it traps where the first
 * message of a batch has 7 bytes.
 *
 * @param {number} statusOfLoadKey
 */
export function fakeBatchModule(statusOfLoadKey) {
  const { i32 } = NUMBERS;
  const constants = {
    max_message_len: 1 << 24,
    get_signing_key_ptr: 64,
    get_signature_ptr: 128,
    load_key: statusOfLoadKey,
    sign_loaded: 0,
    get_batch_signatures_ptr: 1024,
  };
  const names = [...Object.keys(constants), 'allocate_batch', 'sign_batch', 'wipe'];
  const bodies = [
    ...Object.values(constants).map((value) => [0x41, ...signed(value)]),
    [0x41, ...signed(1024)],
    // if (load(1024) == 7) unreachable; 0
    [0x41, ...signed(1024), 0x28, 2, 0, 0x41, 7, 0x46, 0x04, 0x40, 0x00, 0x0b, 0x41, 0],
    [],
  ];
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [
      [0x60, 0, 1, i32],
      [0x60, 2, i32, i32, 1, i32],
      [0x60, 0, 0],
    ]),
    ...section(3, [...Object.keys(constants).map(() => [0]), [1], [0], [2]]),
    ...section(5, [ONE_PAGE]),
    ...section(7, [...names.map((name, index) => exported(name, 0, index)), exported('memory', 2, 0)]),
    ...section(
      10,
      bodies.map((body) => [body.length + 2, 0, ...body, 0x0b]),
    ),
  ]);
}

/** One function, with an opcode that no engine has. */
export function unknownFeatureModule() {
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [[0x60, 0, 0]]),
    ...section(3, [[0]]),
    ...section(10, [[4, 0, 0xfd, 0xff, 0x7f, 0x0b]]),
  ]);
}

/** Needs a function `env.print`. */
export function importingModule() {
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [[0x60, 0, 0]]),
    ...section(2, [[...name('env'), ...name('print'), 0, 0]]),
  ]);
}

/**
 * @param {object} parts
 * @param {number[][]} [parts.types] each as it is in the binary
 * @param {[type: number, ...code: number[]][]} [parts.functions] the number of its type, and its code without the `end`
 * @param {number[][]} [parts.memories] the limits of each
 * @param {[name: string, kind: number, index: number][]} [parts.exports]
 * @param {number} [parts.start] the number of a function
 * @param {number[][]} [parts.data] each as it is in the binary
 */
export function moduleOf({ types = [], functions = [], memories = [], exports = [], start, data = [] }) {
  const bodies = functions.map(([, ...code]) => [...unsigned(code.length + 2), 0, ...code, 0x0b]);
  return Uint8Array.from([
    ...HEADER,
    ...section(1, types),
    ...section(
      3,
      functions.map(([type]) => [type]),
    ),
    ...section(5, memories),
    ...section(
      7,
      exports.map((one) => exported(...one)),
    ),
    ...(start === undefined ? [] : [8, 1, start]),
    ...section(10, bodies),
    ...section(11, data),
  ]);
}

/**
 * @param {Uint8Array} module
 * @param {number} length
 * @returns {Uint8Array} the module with a custom section of so many bytes at its end
 */
export function padded(module, length) {
  const head = [0, ...unsigned(length), 0];
  const bytes = new Uint8Array(module.length + head.length - 1 + length);
  bytes.set(module);
  bytes.set(head, module.length);
  return bytes;
}

/**
 * @param {number} id
 * @param {number[][]} items fewer than 128
 */
function section(id, items) {
  return [id, ...unsigned(items.flat().length + 1), items.length, ...items.flat()];
}

/**
 * @param {number} value
 * @returns {number[]} as LEB128
 */
function unsigned(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

/**
 * @param {number} value not negative
 * @returns {number[]} as LEB128 with a sign
 */
function signed(value) {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/**
 * @param {string} text
 * @param {number} kind 0 for a function, 2 for a memory
 * @param {number} index
 */
function exported(text, kind, index) {
  return [...name(text), kind, index];
}

/** @param {string} text */
function name(text) {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}
