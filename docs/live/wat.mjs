// Disassembles one function, as far as the C adder needs it. A test compares the result with wasm2wat's.

const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const FUNCTION_EXPORT = 0;
/** @type {Record<number, string>} */
const TYPES = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64' };
/** Instructions without operands. */
/** @type {Record<number, string>} */
const PLAIN = { 0x00: 'unreachable', 0x0f: 'return', 0x1a: 'drop', 0x6a: 'i32.add', 0x6b: 'i32.sub', 0x6c: 'i32.mul' };
/** Those with one number. */
/** @type {Record<number, string>} */
const WITH_INDEX = { 0x10: 'call', 0x20: 'local.get', 0x21: 'local.set', 0x22: 'local.tee' };
const END = 0x0b;

/**
 * @param {Uint8Array} wasm a module without imports
 * @param {string} name of an exported function
 * @returns {string} its text form, an instruction a line
 * @throws {Error} where the function is not there
 */
export function functionWat(wasm, name) {
  const sections = readSections(wasm);
  if (sections.has(SECTION.import)) throw new Error('the module has imports, which this disassembler does not count');
  const exported = readExports(at(sections, SECTION.export)).find((entry) => entry.name === name);
  if (!exported) throw new Error(`no function ${name} is exported`);

  const types = vector(at(sections, SECTION.type), (reader) => {
    reader.skip(1); // a function type
    return { params: vector(reader, valueType), results: vector(reader, valueType) };
  });
  const type = types[vector(at(sections, SECTION.function), (reader) => reader.unsigned())[exported.index]];
  const body = vector(at(sections, SECTION.code), (reader) => reader.bytes(reader.unsigned()))[exported.index];

  const part = (/** @type {string} */ kind, /** @type {string[]} */ list) =>
    list.length ? ` (${kind} ${list.join(' ')})` : '';
  const head = `(func (export "${name}")${part('param', type.params)}${part('result', type.results)}`;
  return [head, ...instructions(new Reader(body)).map((line) => `  ${line}`)].join('\n') + ')';
}

/** @param {Reader} reader */
function instructions(reader) {
  const lines = [];
  const locals = vector(reader, () => [reader.unsigned(), valueType(reader)]);
  for (const [count, type] of locals) lines.push(`(local ${Array(count).fill(type).join(' ')})`);
  while (reader.left > 1) {
    const code = reader.byte();
    if (code in PLAIN) lines.push(PLAIN[code]);
    else if (code in WITH_INDEX) lines.push(`${WITH_INDEX[code]} ${reader.unsigned()}`);
    else {
      // What it does not know it shows as it is.
      const rest = [code, ...reader.bytes(reader.left - 1)].map((byte) => byte.toString(16).padStart(2, '0'));
      lines.push(`;; not disassembled: ${rest.join(' ')}`);
    }
  }
  if (reader.byte() !== END) throw new Error('the function does not end with `end`');
  return lines;
}

class Reader {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  get left() {
    return this.#bytes.length - this.#at;
  }

  byte() {
    if (this.left < 1) throw new Error('the module ends too early');
    return this.#bytes[this.#at++];
  }

  /** @param {number} count */
  skip(count) {
    this.#at += count;
  }

  /** @param {number} count */
  bytes(count) {
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  /** LEB128: seven bits a byte, the lowest first; the top bit says that more follow. */
  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }
}

/**
 * @param {Uint8Array} wasm
 * @returns {Map<number, Uint8Array>}
 */
function readSections(wasm) {
  const reader = new Reader(wasm);
  reader.skip(8); // "\0asm" and the version
  const sections = new Map();
  while (reader.left > 0) {
    const id = reader.byte();
    sections.set(id, reader.bytes(reader.unsigned()));
  }
  return sections;
}

/** @param {Reader} section */
function readExports(section) {
  return vector(section, (reader) => {
    const name = new TextDecoder().decode(reader.bytes(reader.unsigned()));
    return { name, kind: reader.byte(), index: reader.unsigned() };
  }).filter(({ kind }) => kind === FUNCTION_EXPORT);
}

/**
 * @param {Map<number, Uint8Array>} sections
 * @param {number} id
 */
function at(sections, id) {
  const bytes = sections.get(id);
  if (!bytes) throw new Error(`the module has no section ${id}`);
  return new Reader(bytes);
}

/**
 * @template T
 * @param {Reader} reader
 * @param {(reader: Reader) => T} item
 * @returns {T[]}
 */
function vector(reader, item) {
  return Array.from({ length: reader.unsigned() }, () => item(reader));
}

/** @param {Reader} reader */
const valueType = (reader) => TYPES[reader.byte()] ?? '?';
