// Runs a WASI program in Node. node --no-warnings run.mjs PROGRAM.wasm FOLDER

import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { WASI } from 'node:wasi';

const [program, folder] = process.argv.slice(2);

// ANCHOR: run
const wasi = new WASI({
  version: 'preview1',
  args: ['diary', 'two words'],
  env: { NAME: 'Ada' },
  preopens: { '/notes': folder },
});
const { instance } = await WebAssembly.instantiate(await readFile(program), wasi.getImportObject());
console.log(`exit code ${wasi.start(instance)}`);
// ANCHOR_END: run
