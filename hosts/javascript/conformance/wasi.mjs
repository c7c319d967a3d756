// What `wasi` asks for: a program of WASI preview 1, run with the host's own WASI. Neutral: how that is made is given to it.
// The contract is hosts/IMPORTS.md.

import { Refusal } from './answers.mjs';
import { toBytes, toHex } from './bytes.mjs';
import { Imports } from './imports.mjs';
import { MOST_READ, newInstance, RawInstance, shapeOf } from './raw.mjs';

/**
 * @typedef {import('./answers.mjs').Json} Json
 *
 * @typedef {[name: string, content: string | Tree][]} Tree of a folder, where files are in memory: each has its bytes in hex
 *
 * @typedef {object} Given to a program
 * @property {string[]} args
 * @property {[name: string, value: string][]} env
 * @property {Uint8Array<ArrayBuffer>} stdin
 * @property {{ guest: string, host: string, files?: Tree }[]} dirs
 *
 * @typedef {object} Wasi made for one program
 * @property {Record<string, any>} functions
 * @property {(memory: WebAssembly.Memory) => void} begin
 * @property {() => { stdout: Uint8Array, stderr: Uint8Array, dirs?: Tree[], spent?: boolean }} end with what it has
 *   written, its folders if those are in memory, and whether no other program should run in this process
 *
 * @typedef {(given: Given) => Wasi | Promise<Wasi>} NewWasi
 */

/**
 * @param {WebAssembly.Module} module
 * @param {BufferSource} bytes that it was compiled from
 * @param {Json} input
 * @param {NewWasi} newWasi
 * @returns {Promise<{ done: Json, spent?: boolean }>}
 * @throws {Refusal} NO_INSTANCE
 */
export async function runWasi(module, bytes, { args = [], env = [], stdin = '', dirs = [], ...input }, newWasi) {
  const { steps, after_trap: afterTrap = false } = input;
  const wasi = await newWasi({ args: texts(args), env: texts(env).map(variable), stdin: toBytes(stdin), dirs });
  /** @type {number | undefined} */
  let exitCode;
  // Nothing of Object.prototype is in WASI.
  const functions = Object.assign(Object.create(null), wasi.functions, {
    // Hosts end a program in their own ways, and Bun its process.
    proc_exit(/** @type {number} */ code) {
      exitCode = code >>> 0;
      throw new Error(`the program ended with ${exitCode}`);
    },
  });
  const program = new RawInstance(shapeOf(module, bytes), new Imports([], []));
  const instance = await newInstance(module, { wasi_snapshot_preview1: functions });
  program.begin(instance);
  const { memory } = instance.exports;
  if (memory instanceof WebAssembly.Memory) wasi.begin(memory);
  const begun = program.do({ do: 'call', export: steps ? '_initialize' : '_start' }, new Map());
  const hasEnded = () => exitCode !== undefined;
  /** @type {object[]} */
  let answers = [];
  if (!steps) {
    if (begun.error) throw new TypeError(`_start cannot be called: ${begun.error}`);
    if (begun.ok) exitCode ??= 0;
  } else if (!hasEnded()) {
    if (begun.trap) throw new Refusal('NO_INSTANCE', begun.detail);
    answers = program.doAll(steps, () => afterTrap && !hasEnded());
  }
  const { stdout, stderr, spent, ...rest } = wasi.end();
  const length = stdout.length + stderr.length;
  if (length > MOST_READ) throw new Error(`${length} bytes in hex exceed a line of the protocol`);
  const written = { stdout: toHex(stdout), stderr: toHex(stderr), ...rest };
  return { done: { exit_code: exitCode, ...written, ...(steps && { steps: answers }) }, spent };
}

/** @returns {string[]} what can be passed to a program */
function texts(/** @type {unknown[]} */ given) {
  return given.map((text) => {
    if (typeof text !== 'string' || text.includes('\0')) throw new TypeError('a program takes texts without U+0000');
    return text;
  });
}

/** @returns {[name: string, value: string]} */
function variable(/** @type {string} */ text) {
  const at = text.indexOf('=');
  if (at < 0) throw new TypeError(`a variable is NAME=VALUE, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
