import { execFileSync } from 'node:child_process';
import path from 'node:path';

const OPTIONS = ['--target=wasm32', '-Oz', '-nostdlib', '-Wl,--no-entry', '-Wl,--export=half', '-o', '-'];
const wasm = execFileSync('clang', [...OPTIONS, path.join(import.meta.dirname, 'linking-c-shift.c')]);
const { half } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
// ANCHOR: shown
console.log(half(-3));
// ANCHOR_END: shown
