// The worker of `playground`: assembles and describes with playground.wasm, or calls a function of a module that may never return.

import { load } from './ui.mjs';

/**
 * What playground.wasm exports: see docs/live/playground.
 *
 * @typedef {object} Tool
 * @property {WebAssembly.Memory} memory
 * @property {(length: number) => number} input
 * @property {() => number} output
 * @property {() => number} set_hosts
 * @property {() => number} assemble
 * @property {() => number} describe
 */

/** @type {Promise<Tool> | undefined} */
let tool;

async function start() {
  const [wasm, hosts] = await Promise.all(
    ['playground.wasm', 'hosts.json'].map(async (name) => (await load(new URL(name, import.meta.url))).arrayBuffer()),
  );
  const { instance } = await WebAssembly.instantiate(wasm);
  const made = /** @type {Tool} */ (/** @type {unknown} */ (instance.exports));
  ask(made, 'set_hosts', new Uint8Array(hosts));
  return made;
}

/**
 * @param {Tool} made
 * @param {'set_hosts' | 'assemble' | 'describe'} name
 * @param {Uint8Array} input
 * @throws {Error} with what was wrong with the input
 */
function ask(made, name, input) {
  // The view comes after the call, which may grow memory.
  const at = made.input(input.length);
  new Uint8Array(made.memory.buffer, at, input.length).set(input);
  const length = made[name]();
  const output = new Uint8Array(made.memory.buffer, made.output(), Math.abs(length)).slice();
  if (length < 0) throw new Error(inOneLine(new TextDecoder().decode(output)));
  return output;
}

/** The assembler's message, which has the place in a line of its own and then the source. */
const inOneLine = (/** @type {string} */ message) =>
  message.replace(/\n +--> <anon>:(\d+):(\d+)\n[^]*/, ' at line $1, column $2');

/**
 * The module in the text, and what there is to say of it; or of a file.
 *
 * @param {{ text: string } | { bytes: Uint8Array<ArrayBuffer> }} source
 */
async function read(source) {
  tool ??= start();
  const made = await tool;
  const bytes = 'text' in source ? ask(made, 'assemble', new TextEncoder().encode(source.text)) : source.bytes;
  return { bytes, about: new TextDecoder().decode(ask(made, 'describe', bytes)) };
}

/** @param {{ bytes: Uint8Array<ArrayBuffer>, name: string, values: (number | bigint)[] }} call */
async function call({ bytes, name, values }) {
  const { instance } = await WebAssembly.instantiate(bytes);
  const result = /** @type {(...values: (number | bigint)[]) => unknown} */ (instance.exports[name])(...values);
  return { result: result === undefined ? 'nothing' : String(result) };
}

self.addEventListener('message', async ({ data }) => {
  try {
    self.postMessage(await ('name' in data ? call(data) : read(data)));
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
