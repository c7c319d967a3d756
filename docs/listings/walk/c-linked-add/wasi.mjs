// ANCHOR: all
// node wasi.mjs PROGRAM.wasm [ARGUMENT…]: runs a WASI program, and ends as it ends.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const args = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args, env: process.env, preopens: { '.': '.' } });
const module = await WebAssembly.compile(readFileSync(args[0]));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
try {
  process.exitCode = wasi.start(instance);
} catch (error) {
  console.error(`the program trapped: ${error.message}`);
  process.exitCode = 134; // what a shell shows for a native program that aborts
}
// ANCHOR_END: all
