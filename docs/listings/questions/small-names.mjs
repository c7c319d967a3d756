// Removes all custom sections of the module of small-names.rs, and prints what is different then.

import assert from 'node:assert/strict';

import { build } from './build.mjs';

const wasm = build('small-names.rs', '--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib', '-O');
const bare = withoutCustom(wasm);
assert(WebAssembly.Module.customSections(new WebAssembly.Module(wasm), 'name').length === 1);
assert(WebAssembly.Module.customSections(new WebAssembly.Module(bare), 'name').length === 0);
// ANCHOR: shown
const before = look(wasm);
const after = look(bare);
const different = Object.keys(before).filter(what => before[what] !== after[what]);
console.log(different.join(', ') || 'nothing');
// ANCHOR_END: shown

function look(bytes) {
  try {
    const { half } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const results = [0, 2, 10].map(half).join();
    try {
      half(3);
    } catch (error) {
      return { results, errors: error.name, 'stack traces': /only_even/.test(error.stack) };
    }
    return { results, errors: 'none', 'stack traces': false };
  } catch (error) {
    return { results: 'none', errors: error.name, 'stack traces': false };
  }
}

function withoutCustom(bytes) {
  const kept = [bytes.subarray(0, 8)];
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const id = bytes[at];
    at += 1;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at];
      at += 1;
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += size;
    if (id !== 0) kept.push(bytes.subarray(start, at));
  }
  return Buffer.concat(kept);
}
