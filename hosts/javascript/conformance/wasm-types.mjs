// The types of a module's exports and imports. The JavaScript API tells neither an i32 from a float nor a memory of 64-bit addresses
// from another, so they are read from the binary: https://webassembly.github.io/spec/core/binary/modules.html

/**
 * @typedef {{ params: string[], results: string[] }} FunctionType any reference is of the type `ref`
 *
 * @typedef {{ type?: FunctionType, is64?: boolean }} ExportType of a function its type, absent if that has a form not
 *   known here; of a memory whether its addresses have 64 bits; of anything else nothing
 */

/** @type {Record<number, string>} */
const NUMBER_TYPES = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };
/** The integers that only a field can have. */
const PACKED = { i8: 0x78, i16: 0x77 };
/** The abstract references, from a continuation to the null of one. */
const REFERENCES = { first: 0x68, last: 0x75 };
/** The first byte of a reference type that goes on with the type referred to. */
const REFERENCE = { to: 0x64, nullableTo: 0x63 };
/** The first byte of each form that a type can have. */
const FORM = { function: 0x60, struct: 0x5f, array: 0x5e, group: 0x4e, sub: 0x50, finalSub: 0x4f };
/** The magic number, and the version. */
const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, import: 2, function: 3, memory: 5, export: 7 };
const KIND = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };
/** Bits of a memory's first byte. */
const LIMITS = { maximum: 1, is64: 4, pageSize: 8 };

/**
 * @param {BufferSource} bytes of a valid module
 * @returns {{ exports: ExportType[], imports: ExportType[] }} in the order of `WebAssembly.Module.exports` and `imports`, which have
 *   the names
 */
export function moduleTypes(bytes) {
  /** @type {FunctionType[]} */
  let types = [];
  /** @type {ExportType[]} */
  let functions = [];
  /** @type {ExportType[]} */
  let memories = [];
  /** @type {ExportType[]} */
  let imports = [];
  /** @type {ExportType[]} */
  let exports = [];
  for (const { id, reader } of sectionsOf(bytes)) {
    const functionType = () => ({ type: types[reader.unsigned()] });
    if (id === SECTION.type) types = reader.types();
    if (id === SECTION.import) {
      imports = reader.list(() => {
        const { kind } = reader.import();
        if (kind === KIND.function) return add(functions, functionType());
        if (kind === KIND.memory) return add(memories, { is64: reader.memory() });
        return (reader.skip(kind), {});
      });
    }
    if (id === SECTION.function) functions = functions.concat(reader.list(functionType));
    if (id === SECTION.memory) memories = memories.concat(reader.list(() => ({ is64: reader.memory() })));
    if (id === SECTION.export) {
      exports = reader.exports().map(({ kind, index }) => {
        if (kind === KIND.function) return functions[index];
        return kind === KIND.memory ? memories[index] : {};
      });
    }
  }
  return { exports, imports };
}

/**
 * @template T
 * @returns {T}
 */
function add(/** @type {T[]} */ list, /** @type {T} */ item) {
  list.push(item);
  return item;
}

/**
 * @param {BufferSource} bytes of a module
 * @returns {Generator<{ id: number, size: number, reader: Reader }>} each section: its number, its bytes with its head, and
 *   what reads its content
 */
export function* sectionsOf(bytes) {
  const whole = new Reader(bytes);
  if (!MAGIC.every((byte, at) => whole.bytes[at] === byte)) throw new Error('this is no WebAssembly module');
  whole.take(MAGIC.length);
  while (whole.left > 0) {
    const start = whole.at;
    const id = whole.byte();
    const reader = new Reader(whole.take(whole.unsigned()));
    yield { id, size: whole.at - start, reader };
  }
}

/** Thrown for what is newer than this reader. The engine has taken the module, so it is no mistake. */
class Unknown extends Error {}

export class Reader {
  at = 0;

  /** @param {BufferSource} bytes */
  constructor(bytes) {
    this.bytes = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
  }

  get left() {
    return this.bytes.length - this.at;
  }

  byte() {
    if (this.left < 1) throw new Error('the module ends too early');
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number. Beyond 2^53 it is not exact. */
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
   * @returns {T[]}
   */
  list(/** @type {() => T} */ item) {
    return Array.from({ length: this.unsigned() }, item);
  }

  /** @param {number} count of bytes */
  take(count) {
    this.at += count;
    if (this.at > this.bytes.length) throw new Error('the module ends too early');
    return this.bytes.subarray(this.at - count, this.at);
  }

  name() {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }

  exports() {
    return this.list(() => ({ name: this.name(), kind: this.byte(), index: this.unsigned() }));
  }

  /** Two names and the kind: what is imported follows. */
  import() {
    return { module: this.name(), name: this.name(), kind: this.byte() };
  }

  /** What is imported, if nobody needs to know more of it than its kind. */
  skip(/** @type {number} */ kind) {
    if (kind === KIND.table) {
      this.valueType();
      this.memory(); // limits, in the same form
    } else if (kind === KIND.global) {
      this.valueType();
      this.byte();
    } else if (kind === KIND.tag) {
      this.byte();
      this.unsigned();
    } else throw new Unknown();
  }

  /** @returns {boolean} whether its addresses have 64 bits */
  memory() {
    const flags = this.byte();
    this.unsigned();
    if (flags & LIMITS.maximum) this.unsigned();
    if (flags & LIMITS.pageSize) this.unsigned();
    return (flags & LIMITS.is64) !== 0;
  }

  /** @returns {FunctionType[]} up to the first whose form is not known here: how long that one is can't be told */
  types() {
    /** @type {FunctionType[]} */
    const types = [];
    try {
      for (let left = this.unsigned(); left > 0; left -= 1) this.group(types);
    } catch (error) {
      // If they go on after the section, something was misread, as if they end before.
      return error instanceof Unknown ? types : [];
    }
    return this.left === 0 ? types : [];
  }

  /**
   * Types that may refer to each other, or a single one.
   *
   * @param {FunctionType[]} types to add them to
   */
  group(types) {
    const form = this.byte();
    if (form !== FORM.group) return void types.push(this.type(form));
    for (let left = this.unsigned(); left > 0; left -= 1) types.push(this.type(this.byte()));
  }

  /** @returns {FunctionType} nothing goes in or out of a type that is no function */
  type(/** @type {number} */ form) {
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
        throw new Unknown();
    }
    return { params: [], results: [] };
  }

  /** A type, and then whether it can be changed. */
  field() {
    const packed = this.bytes[this.at] === PACKED.i8 || this.bytes[this.at] === PACKED.i16;
    if (packed) this.at += 1;
    else this.valueType();
    this.byte();
  }

  valueType() {
    const byte = this.byte();
    if (byte in NUMBER_TYPES) return NUMBER_TYPES[byte];
    if (byte === REFERENCE.to || byte === REFERENCE.nullableTo) this.referred();
    else if (!isReference(byte)) throw new Unknown();
    return 'ref';
  }

  /** What a reference is to, a signed LEB128 number: that of a type, or a negative one for an abstract type. */
  referred() {
    let last = this.byte();
    while (last >= 0x80) last = this.byte();
    const isNegative = last >= 0x40;
    if (isNegative && !isReference(last)) throw new Unknown();
  }
}

/** @param {number} byte */
function isReference(byte) {
  return byte >= REFERENCES.first && byte <= REFERENCES.last;
}
