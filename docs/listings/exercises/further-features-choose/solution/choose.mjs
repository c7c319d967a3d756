// ANCHOR: all
/**
 * @param {Uint8Array[]} candidates modules that export `probe`, the best one first
 * @returns the exports of the first one that this host has all features for, and whose `probe` gives 42
 */
export function choose(candidates) {
  for (const bytes of candidates) {
    if (!WebAssembly.validate(bytes)) continue;
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      if (exports.probe() === 42) return exports;
    } catch (error) {
      // It is valid, and this host cannot run it: a shared memory that is refused, for example.
      if (!(error instanceof WebAssembly.LinkError || error instanceof WebAssembly.RuntimeError)) throw error;
    }
  }
  throw new Error('no module works here');
}
// ANCHOR_END: all
