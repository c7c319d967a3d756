// ANCHOR: all
/** Calls the exports of a compiled module that has no imports. */
export class Guest {
  #instance;

  constructor(module) {
    this.#instance = new WebAssembly.Instance(module);
  }

  call(name, ...args) {
    return this.#instance.exports[name](...args);
  }
}
// ANCHOR_END: all
