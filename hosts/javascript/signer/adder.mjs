// The wrapper of add-raw, the module that links C's add and divide. It uses nothing but WebAssembly.

/**
 * 32-bit arithmetic that is written in C.
 *
 * @example
 *   const adder = await Adder.create(await readFile('add-raw.wasm'));
 *   adder.add(2, 3); // 5
 */
export class Adder {
  /** @type {WebAssembly.Module} */
  #module;
  /** @type {Exports | undefined} Undefined after a trap, until the next call. */
  #exports;

  /**
   * Compiles the module and makes an adder of it.
   *
   * @param {WebAssembly.Module | BufferSource} moduleOrBytes compiled, or the bytes of the .wasm file
   * @returns {Promise<Adder>}
   */
  static async create(moduleOrBytes) {
    const module =
      moduleOrBytes instanceof WebAssembly.Module ? moduleOrBytes : await WebAssembly.compile(moduleOrBytes);
    return new Adder(module);
  }

  /** @param {WebAssembly.Module} module a compiled module; any number of adders may share it */
  constructor(module) {
    this.#module = module;
    this.#exports = this.#instantiate();
  }

  /**
   * Adds, and wraps around where the sum does not fit in 32 bits.
   *
   * @param {number} a an integer from -2147483648 to 2147483647
   * @param {number} b likewise
   * @returns {number}
   */
  add(a, b) {
    return this.#call('add_numbers', a, b);
  }

  /**
   * Divides, and drops the fraction.
   *
   * @param {number} a an integer from -2147483648 to 2147483647
   * @param {number} b likewise
   * @returns {number}
   * @throws {AdderError} `TRAPPED` for a division by zero, and for -2147483648 by -1
   */
  divide(a, b) {
    return this.#call('divide_numbers', a, b);
  }

  /**
   * @param {keyof Exports} name
   * @param {number} a
   * @param {number} b
   */
  #call(name, a, b) {
    checkInt32(a);
    checkInt32(b);
    this.#exports ??= this.#instantiate();
    const exported = this.#exports[name];
    if (!exported) throw new TypeError(`this module does not export ${name}; use another, such as add-raw`);
    try {
      return exported(a, b);
    } catch (cause) {
      // The module has no imports, so this is a trap. The instance is finished: its stack pointer, among other
      // things, was not put back. The next call makes a new one.
      this.#exports = undefined;
      throw new AdderError('TRAPPED', `${name}(${a}, ${b}) trapped; the adder can be used again`, cause);
    }
  }

  #instantiate() {
    return /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(this.#module, {}).exports));
  }
}

/** Why a call failed. `code` is the same name in every language; the message is for people. */
export class AdderError extends Error {
  /**
   * @param {'TRAPPED'} code
   * @param {string} message
   * @param {unknown} cause what the host threw
   */
  constructor(code, message, cause) {
    super(message, { cause });
    this.name = 'AdderError';
    this.code = code;
  }
}

/** @param {number} value */
function checkInt32(value) {
  // WebAssembly would take anything and cut it to 32 bits.
  if (!Number.isInteger(value) || value !== (value | 0)) {
    const actual = typeof value === 'number' ? value : typeof value;
    throw new TypeError(`an operand must be an integer from -2147483648 to 2147483647, not ${actual}`);
  }
}

/**
 * @typedef {object} Exports
 * @property {(a: number, b: number) => number} add_numbers
 * @property {(a: number, b: number) => number} divide_numbers
 */
