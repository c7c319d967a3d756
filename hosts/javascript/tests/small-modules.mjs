// Modules of a few bytes, for what a signer cannot show. Neutral: the tests of every host in JavaScript share them.
// https://webassembly.github.io/spec/core/binary/modules.html

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
export const NUMBERS = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
export const V128 = 0x7b;
const { i32 } = NUMBERS;

/**
 * @param {string[]} names of a module's functions, in their order
 * @returns {Export[]}
 */
export const functions = (...names) => names.map((name, index) => [name, 0, index]);

/**
 * @param {string[]} names of a module's memories
 * @returns {Export[]}
 */
export const memories = (...names) => names.map((name, index) => [name, 2, index]);

/** One function a value type that returns its argument, one that traps, one without results, and a page of memory. */
export function identityModule() {
  const types = Object.values(NUMBERS);
  return moduleOf({
    types: [...types.map((type) => [0x60, 1, type, 1, type]), [0x60, 0, 0]],
    functions: [[0, 0x20, 0], [1, 0x20, 0], [2, 0x20, 0], [3, 0x20, 0], [4], [4, 0x00]],
    memories: [[0, 1]],
    exports: [...functions(...Object.keys(NUMBERS), 'nothing', 'trap'), ...memories('memory')],
  });
}

/** A page of memory; `grow`, `store` and `load`; and `spin`, which never returns. */
export function memoryModule() {
  const types = [
    [0x60, 1, i32, 1, i32],
    [0x60, 2, i32, i32, 0],
    [0x60, 0, 0],
  ];
  return moduleOf({
    types,
    functions: [
      [0, 0x20, 0, 0x40, 0], // memory.grow
      [1, 0x20, 0, 0x20, 1, 0x36, 2, 0], // i32.store
      [0, 0x20, 0, 0x28, 2, 0], // i32.load
      [2, 0x03, 0x40, 0x0c, 0, 0x0b], // a loop that goes back to its start
    ],
    memories: [[0, 1]],
    exports: [...functions('grow', 'store', 'load', 'spin'), ...memories('memory')],
  });
}

/** A struct among its types, `answer`, which returns 42, and `vector`, which takes a v128. */
export function foreignTypesModule() {
  // A group of two: a struct of an i8 that can be changed and a reference to itself, and a function.
  const group = [0x4e, 2, 0x5f, 2, 0x78, 1, 0x63, 0, 0, 0x60, 0, 1, i32];
  const answers = /** @type {[number, ...number[]][]} */ ([[1, 0x41, 42], [2]]);
  return moduleOf({ types: [group, [0x60, 1, V128, 0]], functions: answers, exports: functions('answer', 'vector') });
}

/**
 * All that a batch module has, good for nothing: it takes any key, or answers `load_key` with another status, such as
 * 8, SELF_TEST_FAILED; its signatures are what its memory has where the batch came in; and it traps where the first
 * message of a batch has 7 bytes.
 */
export function fakeBatchModule(/** @type {number} */ statusOfLoadKey) {
  const constants = {
    max_message_len: 1 << 24,
    get_signing_key_ptr: 64,
    get_signature_ptr: 128,
    load_key: statusOfLoadKey,
    sign_loaded: 0,
    get_batch_signatures_ptr: 1024,
  };
  const names = [...Object.keys(constants), 'allocate_batch', 'sign_batch', 'wipe'];
  return moduleOf({
    types: [
      [0x60, 0, 1, i32],
      [0x60, 2, i32, i32, 1, i32],
      [0x60, 0, 0],
    ],
    functions: [
      ...Object.values(constants).map((value) => /** @type {[number, ...number[]]} */ ([0, 0x41, ...signed(value)])),
      [1, 0x41, ...signed(1024)],
      // if (load(1024) == 7) unreachable; 0
      [0, 0x41, ...signed(1024), 0x28, 2, 0, 0x41, 7, 0x46, 0x04, 0x40, 0x00, 0x0b, 0x41, 0],
      [2],
    ],
    memories: [[0, 1]],
    exports: [...functions(...names), ...memories('memory')],
  });
}

/**
 * All that a verifier has, good for nothing: it refuses every signature, or answers `verify_batch` with another status, such
 * as 8, SELF_TEST_FAILED; and it traps where the first message of a batch has 7 bytes.
 */
export function fakeVerifierModule(/** @type {number} */ status) {
  const constants = { max_message_len: 1 << 24, get_public_key_ptr: 64, hold_key: 1, get_verdicts_ptr: 512 };
  const names = [...Object.keys(constants), 'verify_batch', 'verify_batch_strict', 'allocate_verify_batch'];
  // if (load(1024 + 96) == 7) unreachable; status
  const verify = [0, 0x41, ...signed(1024), 0x28, 2, 96, 0x41, 7, 0x46, 0x04, 0x40, 0x00, 0x0b, 0x41, status];
  return moduleOf({
    types: [
      [0x60, 0, 1, i32],
      [0x60, 2, i32, i32, 1, i32],
    ],
    functions: [
      ...Object.values(constants).map((value) => /** @type {[number, ...number[]]} */ ([0, 0x41, ...signed(value)])),
      /** @type {[number, ...number[]]} */ (verify),
      /** @type {[number, ...number[]]} */ (verify),
      [1, 0x41, ...signed(1024)],
    ],
    memories: [[0, 1]],
    exports: [...functions(...names), ...memories('memory')],
  });
}

/** One function, with an opcode that no engine has. */
export function unknownFeatureModule() {
  return moduleOf({ types: [[0x60, 0, 0]], functions: [[0, 0xfd, 0xff, 0x7f]] });
}

/** Needs a function `env.print`. */
export function importingModule() {
  const imported = [...name('env'), ...name('print'), 0, 0];
  return Uint8Array.from([...HEADER, ...section(1, [[0x60, 0, 0]]), ...section(2, [imported])]);
}

/** @typedef {[name: string, kind: number, index: number]} Export as `functions` and `memories` give them */

/**
 * @param {object} parts
 * @param {number[][]} [parts.types] each as it is in the binary
 * @param {[type: number, ...code: number[]][]} [parts.functions] the number of its type, and its code without the `end`
 * @param {number[][]} [parts.memories] the limits of each
 * @param {number[][]} [parts.globals] each as it is in the binary
 * @param {Export[]} [parts.exports]
 * @param {number} [parts.start] the number of a function
 * @param {number[][]} [parts.data] each as it is in the binary
 */
export function moduleOf({ types = [], functions = [], memories = [], globals = [], exports = [], start, data = [] }) {
  const exported = exports.map(([text, kind, index]) => [...name(text), kind, index]);
  const typeOfEach = functions.map(([type]) => [type]);
  const bodies = functions.map(([, ...code]) => [...unsigned(code.length + 2), 0, ...code, 0x0b]);
  return Uint8Array.from([
    ...HEADER,
    ...section(1, types),
    ...section(3, typeOfEach),
    ...section(5, memories),
    ...section(6, globals),
    ...section(7, exported),
    ...(start === undefined ? [] : [8, 1, start]),
    ...section(10, bodies),
    ...section(11, data),
  ]);
}

/** @returns {Uint8Array} the module with a custom section of so many bytes at its end */
export function padded(/** @type {Uint8Array} */ module, /** @type {number} */ length) {
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

/** @returns {number[]} as LEB128 */
function unsigned(/** @type {number} */ value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}

/**
 * @param {number} value not negative
 * @returns {number[]} as LEB128 with a sign
 */
function signed(value) {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** @param {string} text */
function name(text) {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}
