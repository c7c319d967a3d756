// Shows whether this host has relaxed SIMD, and whether its multiply-add rounds once or twice.

import { readFile } from 'node:fs/promises';

const wasm = await readFile('target/vector-loop/fused.wasm');
// ANCHOR: probe
if (!WebAssembly.validate(wasm)) {
  console.log('this host has no relaxed SIMD');
} else {
  const { madd } = (await WebAssembly.instantiate(wasm)).instance.exports;
  // (1 + 2^-27)² is 1 + 2^-26 + 2^-54. Rounded before the addition, its last bit is lost.
  const left = madd(1 + 2 ** -27, 1 + 2 ** -27, -(1 + 2 ** -26));
  console.log(left === 2 ** -54 ? 'fused: rounded once' : `not fused: ${left} is left, not 2^-54`);
}
// ANCHOR_END: probe
