// The types of a module's exported functions. The JavaScript API does not tell an i32 from a float, so they are read
// from the binary: https://webassembly.github.io/spec/core/binary/modules.html

/** @typedef {{ params: string[], results: string[] }} FunctionType */

/** @type {Record<number, string>} */
const VALUE_TYPES = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };
const SECTION = { type: 1, import: 2, function: 3, export: 7 };

/**
 * @param {BufferSource} bytes of a valid module without imports
 * @returns {Map<string, FunctionType>}
 * @throws {Error} for a module whose types are not plain functions on numbers and vectors
 */
export function exportedFunctionTypes(bytes) {
  const reader = new Reader(bytes);
  reader.at = 8; // the magic number and the version
  /** @type {FunctionType[]} */
  let types = [];
  /** @type {number[]} */
  let typeOfFunction = [];
  /** @type {Map<string, FunctionType>} */
  const exported = new Map();
  while (!reader.done) {
    const section = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (section === SECTION.type) types = reader.list(() => reader.functionType());
    if (section === SECTION.import && reader.unsigned() > 0) throw new Error('the module has imports');
    if (section === SECTION.function) typeOfFunction = reader.list(() => reader.unsigned());
    if (section === SECTION.export) {
      reader.list(() => {
        const name = reader.name();
        const isFunction = reader.byte() === 0;
        const index = reader.unsigned();
        if (isFunction) exported.set(name, types[typeOfFunction[index]]);
      });
    }
    reader.at = end;
  }
  return exported;
}

class Reader {
  at = 0;

  /** @param {BufferSource} bytes */
  constructor(bytes) {
    this.bytes = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.done) throw new Error('the module ends too early');
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /**
   * @template T
   * @param {() => T} item
   * @returns {T[]}
   */
  list(item) {
    return Array.from({ length: this.unsigned() }, item);
  }

  name() {
    const length = this.unsigned();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** @returns {FunctionType} */
  functionType() {
    const form = this.byte();
    if (form !== 0x60) throw new Error(`a type of form 0x${form.toString(16)}, which is not a plain function`);
    return { params: this.list(() => this.valueType()), results: this.list(() => this.valueType()) };
  }

  valueType() {
    const byte = this.byte();
    const type = VALUE_TYPES[byte];
    if (!type) throw new Error(`a value of type 0x${byte.toString(16)}, which is no number or vector`);
    return type;
  }
}
