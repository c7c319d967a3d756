// ANCHOR: all
// node run.mjs PROGRAM.wasm [ARGUMENT…]
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const args = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args });
const { instance } = await WebAssembly.instantiate(readFileSync(args[0]), wasi.getImportObject());
try {
  process.exitCode = wasi.start(instance);
} catch (error) {
  console.error(error.message);
  process.exitCode = 134;
}
// ANCHOR_END: all
