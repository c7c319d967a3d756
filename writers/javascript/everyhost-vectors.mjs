/**
 * Writes vectors for Everyhost: what a module is asked, and the right answers. One file, for Node 20 and later.
 *
 *     import { Suite, call, i32, named, text, write } from './everyhost-vectors.mjs';
 *
 *     const suite = new Suite('checksum', { source: 'the catalogue of CRC algorithms', licence: 'public domain' });
 *     suite
 *       .case(
 *         'checksum/check',
 *         call('buffer').names('buffer').returns(named('buffer')),
 *         write(named('buffer'), text('123456789')),
 *         call('crc32', i32(9)).returns(i32(0xcbf43926)),
 *       )
 *       .comment('the check value of the catalogue');
 *     suite.save('vectors'); // then: everyhost run --module checksum.wasm --vectors vectors
 *
 * The same functions are in writers/python and, in Rust, in crates/vectors. vectors/README.md explains the format; everyhost
 * checks the file when it reads it.
 */

import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SCHEMA = 'everyhost/vectors/1';

/**
 * @typedef {any} Part - A part of a case in JSON.
 * @typedef {Uint8Array | Part} Bytes - Bytes, or text(), base64(), file() or repeat().
 * @typedef {'i32' | 'i64' | 'f32' | 'f64'} Type
 */

// Values

/**
 * Signed or unsigned.
 * @param {number | bigint} number
 * @returns {Part}
 */
export const i32 = (number) => ({ i32: Number(integer('i32', number, 32n)) });

/**
 * Signed or unsigned.
 * @param {number | bigint} number
 * @returns {Part}
 */
export const i64 = (number) => ({ i64: String(integer('i64', number, 64n)) });

/**
 * Rounded to 32 bits.
 * @param {number} number
 * @returns {Part}
 */
export function f32(number) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, number);
  return f32Bits(view.getUint32(0));
}

/**
 * @param {number} number
 * @returns {Part}
 */
export function f64(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return f64Bits(view.getBigUint64(0));
}

/**
 * For a certain NaN.
 * @param {number} bits
 * @returns {Part}
 */
export const f32Bits = (bits) => ({ f32: bits.toString(16).padStart(8, '0') });

/**
 * For a certain NaN.
 * @param {bigint} bits
 * @returns {Part}
 */
export const f64Bits = (bits) => ({ f64: bits.toString(16).padStart(16, '0') });

/**
 * What a step before this one named, and so many more. In an expected result: a pointer that differs from module to module.
 * @param {string} name
 * @param {number} [plus]
 * @returns {Part}
 */
export const named = (name, plus = 0) => (plus ? { var: name, plus } : { var: name });

// Values of components: hosts/COMPONENTS.md says how each type of WIT is written. Numbers of up to 32 bits, booleans, text, lists
// and objects (of records, variants, options, results) are written as they are, bytes too.

/**
 * Rounded to 32 bits.
 * @param {number} number
 * @returns {Part}
 */
export const witF32 = (number) => f32(number).f32;

/**
 * With all its bits.
 * @param {number} number
 * @returns {Part}
 */
export const witF64 = (number) => f64(number).f64;

/**
 * A u64 or s64.
 * @param {number | bigint} number
 * @returns {Part}
 */
export const wit64 = (number) => i64(number).i64;

/**
 * A resource: they are numbered from 0 on, in the order in which they came.
 * @param {number} number
 * @returns {Part}
 */
export const handle = (number) => ({ handle: number });

// Bytes, beside a Uint8Array

/**
 * In UTF-8.
 * @param {string} text
 * @returns {Part}
 */
export const text = (text) => ({ text });

/**
 * @param {string} base64
 * @returns {Part}
 */
export const base64 = (base64) => ({ base64 });

/**
 * The contents of a file, by its path from the folder of the vectors.
 * @param {string} file
 * @returns {Part}
 */
export const file = (file) => ({ file });

/**
 * @param {Uint8Array} unit
 * @param {number} times
 * @returns {Part}
 */
export const repeat = (unit, times) => ({ repeat: part(unit), times });

// Expectations that several answers meet

/**
 * Any NaN.
 * @returns {Part}
 */
export const f32Nan = () => ({ f32: 'nan' });

/**
 * Any NaN.
 * @returns {Part}
 */
export const f64Nan = () => ({ f64: 'nan' });

/**
 * Any value of a type.
 * @param {Type} type
 * @returns {Part}
 */
export const anyValue = (type) => ({ any: type });

/**
 * Any value of its type except this one.
 * @param {Part} value
 * @returns {Part}
 */
export const notEqual = (value) => ({ not: value });

/**
 * One of these values, bytes or answers.
 * @param {...Part} several
 * @returns {Part}
 */
export const oneOf = (...several) => ({ one_of: several.map(part) });

/**
 * Any bytes, so many of them.
 * @param {number} count
 * @returns {Part}
 */
export const length = (count) => ({ length: count });

/**
 * Bytes with this SHA-256, in hex.
 * @param {string} digest
 * @returns {Part}
 */
export const sha256 = (digest) => ({ sha256: digest });

/**
 * What the row of the case's table has under this name.
 * @param {string} name
 * @returns {Part}
 */
export const cell = (name) => ({ cell: name });

// Answers

/**
 * @param {...Part} values
 * @returns {Part}
 */
export const returned = (...values) => ({ ok: { results: values } });

/**
 * What a read gives (bytes), or pages and grow (a number of pages).
 * @param {Bytes | number} what
 * @returns {Part}
 */
export const gave = (what) => ({ ok: typeof what === 'number' ? { pages: what } : { bytes: part(what) } });

/**
 * What a write answers.
 * @returns {Part}
 */
export const done = () => ({ ok: {} });

/** @returns {Part} */
export const trapped = () => ({ trap: true });

/**
 * A refusal, such as OUT_OF_BOUNDS.
 * @param {string} name
 * @returns {Part}
 */
export const failed = (name) => ({ error: name });

/**
 * A call of a host function that is expected: its place in the imports, what it was given, and the answers of its steps.
 * @param {number} importNumber
 * @param {Part[]} args
 * @param {Part[]} [steps]
 * @returns {Part}
 */
export const hostCall = (importNumber, args, steps = []) => ({
  import: importNumber,
  args,
  ...(steps.length && { steps }),
});

/** A step, and its answer. */
export class Step {
  /**
   * @param {Part} step
   * @param {Part} [answer]
   */
  constructor(step, answer) {
    this.step = step;
    this.answer = answer;
  }

  /**
   * Names for the results, from the first on.
   * @param {...string} names
   */
  names(...names) {
    this.step.as = names.length === 1 ? names[0] : names;
    return this;
  }

  /**
   * Any answer, such as oneOf(returned(i32(1)), trapped()).
   * @param {Part} answer
   */
  answers(answer) {
    this.answer = answer;
    return this;
  }

  /** @param {...Part} values */
  returns(...values) {
    return this.answers(returned(...values));
  }

  /**
   * What a function of a component returns.
   * @param {unknown} value
   */
  returnsValue(value) {
    return this.answers({ ok: { result: deep(value) } });
  }

  /** A function of a component that has no result. */
  returnsNothing() {
    return this.answers(done());
  }

  /** @param {Bytes | number} what */
  gives(what) {
    return this.answers(gave(what));
  }

  traps() {
    return this.answers(trapped());
  }

  /** @param {string} name */
  fails(name) {
    return this.answers(failed(name));
  }

  /**
   * Adds the calls of host functions that come meanwhile, after its answer was said.
   * @param {...Part} calls
   */
  calls(...calls) {
    const answer = answerOf(this);
    (answer.ok ?? answer).calls = calls;
    return this;
  }
}

/** @param {Step} step */
function answerOf({ step, answer }) {
  if (answer === undefined) {
    throw new TypeError(
      `${JSON.stringify(step)}: what comes is missing; say .returns(), .gives(), .traps() or .fails()`,
    );
  }
  return answer;
}

/**
 * @param {string} name
 * @param {...any} args
 */
export const call = (name, ...args) => new Step({ do: 'call', export: name, ...(args.length && { args: deep(args) }) });

/**
 * Drops a resource of a component.
 * @param {number} number
 */
export const drop = (number) => new Step({ do: 'drop', handle: number }, done());

/**
 * @param {Part} pointer
 * @param {Bytes} bytes
 */
export const write = (pointer, bytes) => new Step({ do: 'write', ptr: pointer, bytes: part(bytes) }, done());

/**
 * @param {Part} pointer
 * @param {number | Part} count
 */
export const read = (pointer, count) => new Step({ do: 'read', ptr: pointer, len: count });

/**
 * Up to the first zero byte, without it.
 * @param {Part} pointer
 */
export const readText = (pointer) => new Step({ do: 'read', ptr: pointer, len: 'nul' });

export const pages = () => new Step({ do: 'pages' });

/**
 * Gives how many pages there were.
 * @param {number} count
 */
export const grow = (count) => new Step({ do: 'grow', pages: count });

/**
 * The i32 at a pointer gets a name; `value` is what is expected there.
 * @param {Part} pointer
 * @param {string} name
 * @param {Part} value
 */
export const load = (pointer, name, value) =>
  // An answer's own number is signed.
  new Step({ do: 'load', ptr: pointer, as: name }, { ok: { value: 'i32' in value ? value.i32 | 0 : value } });

/** @param {string} name */
export const getGlobal = (name) => new Step({ do: 'global', export: name });

// What the host provides

export class Import {
  /**
   * @param {string} module
   * @param {string} name
   * @param {Part} what
   */
  constructor(module, name, what) {
    this.json = { module, name, ...what };
  }

  /**
   * What the next call does: these steps, then it returns. The last one said is repeated.
   * @param {Part[]} results
   * @param {Step[]} [steps]
   */
  onCall(results, steps = []) {
    return this.#then(steps, { results });
  }

  /**
   * The next call fails with these words.
   * @param {string} words
   * @param {Step[]} [steps]
   */
  onCallThrow(words, steps = []) {
    return this.#then(steps, { throw: words });
  }

  /**
   * @param {Step[]} steps
   * @param {Part} end
   */
  #then(steps, end) {
    const begin = steps.length && { steps: steps.map((step) => step.step) };
    (this.json.calls ??= []).push({ ...begin, ...end });
    return this;
  }
}

/**
 * @param {string} module
 * @param {string} name
 * @param {Type[]} params
 * @param {Type[]} results
 */
export const importFunc = (module, name, params, results) => new Import(module, name, { func: { params, results } });

/**
 * @param {string} module
 * @param {string} name
 * @param {number} min
 * @param {number} [max]
 */
export const importMemory = (module, name, min, max) => new Import(module, name, { memory: limits(min, max) });

/**
 * @param {string} module
 * @param {string} name
 * @param {number} min
 * @param {number} [max]
 */
export const importTable = (module, name, min, max) => new Import(module, name, { table: limits(min, max) });

/**
 * @param {string} module
 * @param {string} name
 * @param {Part} value
 * @param {{mutable?: boolean}} [options]
 */
export const importGlobal = (module, name, value, { mutable = false } = {}) =>
  new Import(module, name, { global: value, ...(mutable && { mutable }) });

// The files of a WASI program, by their paths in a folder: names with / between them

/**
 * A file, with these bytes in it.
 * @param {string} path
 * @param {Bytes} content
 * @returns {Part}
 */
export const fileAt = (path, content) => ({ path, bytes: part(content) });

/**
 * A folder. Only an empty one must be listed when it is given; what a program leaves lists them all.
 * @param {string} path
 * @returns {Part}
 */
export const folderAt = (path) => ({ path, dir: true });

/**
 * A symbolic link.
 * @param {string} path
 * @param {string} target
 * @returns {Part}
 */
export const linkAt = (path, target) => ({ path, link: target });

/** One case: what is done with a fresh instance, and what comes. */
export class Case {
  #op = 'raw';
  /** @type {Part} */
  #input = {};
  /** @type {Part} */
  #expect;
  /** @type {Part} */
  #more = {};
  /** @type {Part} */
  #output = {};
  #traps = false;

  /**
   * @param {string} id
   * @param {Step[]} steps
   */
  constructor(id, steps) {
    this.id = id;
    this.steps = steps;
  }

  /** @param {...string} flags */
  flags(...flags) {
    return this.#with('flags', flags);
  }

  /** @param {string} words */
  comment(words) {
    return this.#with('comment', words);
  }

  /**
   * One case for each row: cell("name") is that row's.
   * @param {Record<string, Record<string, Bytes>>} rows
   */
  table(rows) {
    const filled = mapped(rows, (cells) => mapped(cells, part));
    return this.#with('table', filled);
  }

  /**
   * What the host provides to this case, instead of what the suite says.
   * @param {...Import} imports
   */
  imports(...imports) {
    return this.#takes(
      'raw_imports',
      'imports',
      imports.map(({ json }) => json),
    );
  }

  /**
   * A module of its own.
   * @param {Bytes} module
   */
  wasm(module) {
    return this.#takes(this.#op === 'raw' ? 'raw_module' : this.#op, 'wasm', part(module));
  }

  /** Steps after a trap are done too. The case needs imports, perhaps none: .imports(). */
  afterTrap() {
    return this.#takes('raw_imports', 'after_trap', true);
  }

  /**
   * A call that takes longer fails with CUT_OFF.
   * @param {number} milliseconds
   */
  deadline(milliseconds) {
    return this.#takes('raw_deadline', 'deadline_ms', milliseconds);
  }

  /** @param {number} mostPages */
  memoryLimit(mostPages) {
    return this.#takes('raw_memory_limit', 'max_pages', mostPages);
  }

  /**
   * The calls of host functions that come while the instance is made.
   * @param {...Part} calls
   */
  startCalls(...calls) {
    return this.#gives('calls', calls);
  }

  /** Its steps call a component's functions and drop its resources. */
  component() {
    this.#op = 'component';
    return this;
  }

  /**
   * Runs a WASI program with these arguments, the first of which is its name. With steps: a reactor.
   * @param {...string} args
   */
  program(...args) {
    return this.#takes('wasi', 'args', args);
  }

  /**
   * The program's environment: NAME=value each.
   * @param {...string} variables
   */
  env(...variables) {
    return this.#takes('wasi', 'env', variables);
  }

  /**
   * What the program can read.
   * @param {Bytes} content
   */
  stdin(content) {
    return this.#takes('wasi', 'stdin', part(content));
  }

  /**
   * One more folder that is open before the program starts, under this name.
   * @param {string} guest
   * @param {...Part} files
   */
  folder(guest, ...files) {
    return this.#takes('wasi', 'dirs', [...(this.#input.dirs ?? []), { guest, files }]);
  }

  /**
   * The program ends with this code: 0 if it returns.
   * @param {number} code
   */
  exits(code) {
    return this.#gives('exit_code', code);
  }

  /** The program traps, and has no exit code. */
  traps() {
    this.#traps = true;
    return this;
  }

  /**
   * What the program writes to stdout. Not compared unless it is said.
   * @param {Bytes} content
   */
  prints(content) {
    return this.#gives('stdout', part(content));
  }

  /**
   * What the program writes to stderr. Not compared unless it is said.
   * @param {Bytes} content
   */
  printsError(content) {
    return this.#gives('stderr', part(content));
  }

  /**
   * What is in each folder afterwards, by path. Not compared unless it is said.
   * @param {...Part[]} folders
   */
  leaves(...folders) {
    return this.#gives('dirs', folders);
  }

  /**
   * No step is done, such as NO_INSTANCE.
   * @param {string} name
   */
  fails(name) {
    this.#expect = failed(name);
    return this;
  }

  /** @returns {Part} */
  toJSON() {
    // A program without steps runs from its start.
    const isProgram = this.#op === 'wasi' && this.steps.length === 0;
    if (isProgram && !this.#expect && !this.#traps && this.#output.exit_code === undefined) {
      throw new TypeError(`${this.id}: how the program ends is missing; say .exits(), .traps() or .fails()`);
    }
    const input = { ...this.#input, ...(!isProgram && { steps: this.steps.map(({ step }) => step) }) };
    const expect = this.#expect ?? { ok: { ...this.#output, ...(!isProgram && { steps: this.#answers() }) } };
    return { id: this.id, op: this.#op, in: input, expect, ...this.#more };
  }

  #answers() {
    const trap = this.steps.findIndex(({ answer }) => answer?.trap);
    // The answers end there.
    const ends = trap >= 0 && !this.#input.after_trap;
    return this.steps.slice(0, ends ? trap + 1 : undefined).map(answerOf);
  }

  /**
   * @param {string} field
   * @param {Part} value
   */
  #with(field, value) {
    this.#more[field] = value;
    return this;
  }

  /**
   * @param {string} op
   * @param {string} field
   * @param {Part} value
   */
  #takes(op, field, value) {
    this.#op = op;
    this.#input[field] = value;
    return this;
  }

  /**
   * @param {string} field
   * @param {Part} value
   */
  #gives(field, value) {
    this.#output[field] = value;
    return this;
  }
}

/** One file of vectors. */
export class Suite {
  /** @type {Part} */
  #head;
  /** @type {Part} */
  #more = {};
  /** @type {Part[]} */
  #cases = [];

  /**
   * @param {string} name
   * @param {{source: string, licence: string, module?: string}} about - `module`: the one module it is about, if a run has
   *   several.
   */
  constructor(name, { source, licence, module }) {
    if (!/^[a-z0-9-]+$/.test(name)) {
      throw new TypeError(
        `${JSON.stringify(name)}: a suite's name is lower-case letters, digits and -; it is also its file's`,
      );
    }
    this.name = name;
    this.#head = {
      schema: SCHEMA,
      suite: name,
      face: 'own',
      ...(module !== undefined && { module }),
      source: { name: source, licence },
    };
  }

  /**
   * What a flag of cases means.
   * @param {string} name
   * @param {string} meaning
   */
  flag(name, meaning) {
    (this.#more.flags ??= {})[name] = meaning;
    return this;
  }

  /**
   * What the host provides to every case.
   * @param {...Import} imports
   */
  imports(...imports) {
    this.#more.imports = imports.map(({ json }) => json);
    return this;
  }

  /**
   * What every case begins with.
   * @param {...Step} steps
   */
  begin(...steps) {
    this.#more.begin = steps.map((step) => ({ step: step.step, expect: answerOf(step) }));
    return this;
  }

  /**
   * @param {string} id
   * @param {...Step} steps
   */
  case(id, ...steps) {
    const added = new Case(id, steps);
    this.#cases.push(added);
    return added;
  }

  /**
   * A case of another operation, in the words of the format.
   * @param {string} id
   * @param {string} op
   * @param {Part} given
   * @param {Part} expect
   */
  other(id, op, given, expect) {
    this.#cases.push({ id, op, in: given, expect });
  }

  /**
   * The whole file.
   * @returns {Part}
   */
  toJSON() {
    const cases = this.#cases.map((one) => (one instanceof Case ? one.toJSON() : one));
    const count = cases.reduce((sum, { table }) => sum + (table ? Object.keys(table).length : 1), 0);
    return { ...this.#head, count, ...this.#more, cases };
  }

  /**
   * Writes the file to a folder, a case a line. Returns its path.
   * @param {string} folder
   */
  save(folder) {
    const path = join(folder, `${this.name}.json`);
    const { cases, ...head } = this.toJSON();
    const lines = cases.map((/** @type {Part} */ one) => JSON.stringify(one)).join(',\n');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(head).slice(0, -1)},"cases":[\n${lines}\n]}\n`);
    return path;
  }
}

/**
 * Bytes in hex; everything else as it is.
 * @param {Bytes} any
 * @returns {Part}
 */
const part = (any) => (any instanceof Uint8Array ? Buffer.from(any).toString('hex') : any);

/**
 * Bytes in hex, wherever they are.
 * @param {any} any
 * @returns {Part}
 */
function deep(any) {
  if (Array.isArray(any)) return any.map(deep);
  return any !== null && any?.constructor === Object ? mapped(any, deep) : part(any);
}

/**
 * @param {string} name
 * @param {number | bigint} number
 * @param {bigint} bits
 */
function integer(name, number, bits) {
  const [least, most] = [-(1n << (bits - 1n)), (1n << bits) - 1n];
  const isExact = typeof number === 'bigint' || Number.isSafeInteger(number);
  if (!isExact || BigInt(number) < least || BigInt(number) > most) {
    throw new RangeError(`${number}: an ${name} is a whole number from ${least} to ${most}, beyond 2^53 a BigInt`);
  }
  return BigInt(number);
}

/**
 * @param {number} min
 * @param {number | undefined} max
 */
const limits = (min, max) => (max === undefined ? { min } : { min, max });

/**
 * @param {Record<string, any>} fields
 * @param {(value: any) => any} each
 */
const mapped = (fields, each) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, each(value)]));
