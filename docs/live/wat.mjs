// Disassembles one function, as far as the C adder needs it. A test compares the result with wasm2wat's.

import { moduleTypes, Reader, sectionsOf } from './conformance/wasm-types.mjs';

const SECTION = { import: 2, export: 7, code: 10 };
const FUNCTION_EXPORT = 0;
/** @type {Record<number, string>} instructions without operands */
const PLAIN = { 0x00: 'unreachable', 0x0f: 'return', 0x1a: 'drop', 0x6a: 'i32.add', 0x6b: 'i32.sub', 0x6c: 'i32.mul' };
/** @type {Record<number, string>} those with one number */
const WITH_INDEX = { 0x10: 'call', 0x20: 'local.get', 0x21: 'local.set', 0x22: 'local.tee' };
const END = 0x0b;

/**
 * @param {Uint8Array<ArrayBuffer>} wasm a module without imports
 * @param {string} name of an exported function
 * @returns {string} its text form, an instruction a line
 * @throws {Error} where the function is not there
 */
export function functionWat(wasm, name) {
  const sections = new Map(Array.from(sectionsOf(wasm), ({ id, reader }) => [id, reader]));
  if (sections.has(SECTION.import)) throw new Error('the module has imports, which this disassembler does not count');
  const exports = sections.get(SECTION.export)?.exports() ?? [];
  const place = exports.findIndex((entry) => entry.name === name && entry.kind === FUNCTION_EXPORT);
  const code = sections.get(SECTION.code);
  const { type } = moduleTypes(wasm).exports[place] ?? {};
  if (!type || !code) throw new Error(`no function ${name} is exported`);
  const body = code.list(() => code.take(code.unsigned()))[exports[place].index];
  const part = (/** @type {string} */ kind, /** @type {string[]} */ list) =>
    list.length ? ` (${kind} ${list.join(' ')})` : '';
  const head = `(func (export "${name}")${part('param', type.params)}${part('result', type.results)}`;
  return [head, ...instructions(new Reader(body)).map((line) => `  ${line}`)].join('\n') + ')';
}

/** @param {Reader} reader of a function's body */
function instructions(reader) {
  const lines = reader.list(() => `(local ${Array(reader.unsigned()).fill(reader.valueType()).join(' ')})`);
  while (reader.left > 1) {
    const code = reader.byte();
    if (code in PLAIN) lines.push(PLAIN[code]);
    else if (code in WITH_INDEX) lines.push(`${WITH_INDEX[code]} ${reader.unsigned()}`);
    else {
      // What it does not know it shows as it is.
      const rest = [code, ...reader.take(reader.left - 1)].map((byte) => byte.toString(16).padStart(2, '0'));
      lines.push(`;; not disassembled: ${rest.join(' ')}`);
    }
  }
  if (reader.byte() !== END) throw new Error('the function does not end with `end`');
  return lines;
}
