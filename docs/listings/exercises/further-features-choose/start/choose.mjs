// ANCHOR: all
/**
 * @param {Uint8Array[]} candidates modules that export `probe`, the best one first
 * @returns the exports of the first one that this host has all features for, and whose `probe` gives 42
 */
export function choose(candidates) {
  const bytes = candidates.find((each) => WebAssembly.validate(each));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
// ANCHOR_END: all
