// ANCHOR: all
// node run.mjs PROGRAM.wasm [ARGUMENT…]
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const wasi = new WASI({ version: 'preview1', args: [process.argv[2]] });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), wasi.getImportObject());
try {
  wasi.start(instance);
} catch (error) {
  console.error(error.message);
}
// ANCHOR_END: all
