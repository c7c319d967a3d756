// ANCHOR: all
/** Calls the exports of a compiled module that has no imports. After a trap it continues with a new instance. */
export class Guest {
  #module;
  #instance;

  constructor(module) {
    this.#module = module;
    this.#instance = new WebAssembly.Instance(module);
  }

  call(name, ...args) {
    try {
      return this.#instance.exports[name](...args);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      this.#instance = new WebAssembly.Instance(this.#module);
      throw Object.assign(new Error(`${name} trapped`, { cause }), { code: 'TRAPPED' });
    }
  }
}
// ANCHOR_END: all
