// Gives a guest a name that is too long for it. Run in the root of the workspace.

import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync('target/sandbox/badge.wasm'));

// ANCHOR: all
for (const name of ['Mallory', 'Mallory the long-named']) {
  const { memory, input_ptr, set_name, is_admin } = new WebAssembly.Instance(module).exports;
  const { written } = new TextEncoder().encodeInto(name, new Uint8Array(memory.buffer, input_ptr(), 64));
  set_name(written);
  console.log(`${name}: is_admin = ${is_admin() !== 0}`);
}
// ANCHOR_END: all
