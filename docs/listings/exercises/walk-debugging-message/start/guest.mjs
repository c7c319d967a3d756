// ANCHOR: all
/** Calls a module that has `report_panics`, and imports `log` from `host`. */
export class Guest {
  #exports;

  constructor(module) {
    this.#exports = new WebAssembly.Instance(module, { host: { log: () => {} } }).exports;
    this.#exports.report_panics();
  }

  call(name, ...args) {
    return this.#exports[name](...args);
  }
}
// ANCHOR_END: all
