// Runs a WASI program as a page does, with files in memory. node shim.mjs PROGRAM.wasm

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// A page imports '@bjorn3/browser_wasi_shim'. Here it is the one of hosts/browser.
const require = createRequire(new URL('../../../hosts/browser/package.json', import.meta.url));
const shim = await import(String(pathToFileURL(require.resolve('@bjorn3/browser_wasi_shim'))));
const { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } = shim;

const bytes = readFileSync(process.argv[2]);
const input = readFileSync(process.stdin.fd);

// ANCHOR: run
const show = (line) => console.log(line);
const notes = new PreopenDirectory('/notes', new Map());
const streams = [new OpenFile(new File(input)), ConsoleStdout.lineBuffered(show), ConsoleStdout.lineBuffered(show)];
const wasi = new WASI(['diary', 'two words'], ['NAME=Ada'], [...streams, notes], { debug: false });
const { instance } = await WebAssembly.instantiate(bytes, { wasi_snapshot_preview1: wasi.wasiImport });
console.log(`exit code ${wasi.start(instance)}`);
// ANCHOR_END: run
