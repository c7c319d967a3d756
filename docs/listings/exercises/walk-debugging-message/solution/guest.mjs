// ANCHOR: all
/** Calls a module that has `report_panics`, and imports `log` from `host`. */
export class Guest {
  #exports;
  #said = '';

  constructor(module) {
    const log = (text, length) => {
      this.#said = new TextDecoder().decode(new Uint8Array(this.#exports.memory.buffer, text >>> 0, length));
    };
    this.#exports = new WebAssembly.Instance(module, { host: { log } }).exports;
    this.#exports.report_panics();
  }

  call(name, ...args) {
    this.#said = '';
    try {
      return this.#exports[name](...args);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError) || this.#said === '') throw cause;
      throw new Error(`${name}: ${this.#said}`, { cause });
    }
  }
}
// ANCHOR_END: all
