// The types of a module's exported functions. The JavaScript API does not tell an i32 from a float, so they are read
// from the binary: https://webassembly.github.io/spec/core/binary/modules.html

/** @typedef {{ params: string[], results: string[] }} FunctionType */

/** @type {Record<number, string>} */
const NUMBER_TYPES = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };
/** The first byte of each form that a type can have. */
const FORM = { function: 0x60, struct: 0x5f, array: 0x5e, group: 0x4e, sub: 0x50, finalSub: 0x4f };
/** The first byte of a reference type that goes on with the type referred to. */
const REFERENCE = { to: 0x64, nullableTo: 0x63 };
const SECTION = { type: 1, import: 2, function: 3, export: 7 };

/**
 * @param {BufferSource} bytes of a valid module without imports
 * @returns {Map<string, FunctionType>} by the name of the export; any reference is of the type `ref`
 * @throws {Error} for a module with imports, or with types of a form that is not known here
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
    if (section === SECTION.type) types = reader.list(() => reader.group()).flat();
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

  /**
   * Types that may refer to each other, or a single one.
   *
   * @returns {FunctionType[]}
   */
  group() {
    const form = this.byte();
    return form === FORM.group ? this.list(() => this.type(this.byte())) : [this.type(form)];
  }

  /**
   * @param {number} form
   * @returns {FunctionType} nothing goes in or out of a type that is no function
   */
  type(form) {
    switch (form) {
      case FORM.function:
        return { params: this.list(() => this.valueType()), results: this.list(() => this.valueType()) };
      case FORM.struct:
        this.list(() => this.field());
        break;
      case FORM.array:
        this.field();
        break;
      case FORM.sub:
      case FORM.finalSub:
        this.list(() => this.unsigned());
        return this.type(this.byte());
      default:
        throw new Error(`a type of the unknown form 0x${form.toString(16)}`);
    }
    return { params: [], results: [] };
  }

  /** A type, or the 0x78 and 0x77 of packed integers; then whether it can be changed. */
  field() {
    this.valueType();
    this.byte();
  }

  valueType() {
    const byte = this.byte();
    // The number of a type, or the one byte of an abstract one: either way bytes that end with one below 0x80.
    if (byte === REFERENCE.to || byte === REFERENCE.nullableTo) this.unsigned();
    return NUMBER_TYPES[byte] ?? 'ref';
  }
}
