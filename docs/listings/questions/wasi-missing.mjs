// Runs the test of wasi-missing.rs under WASI: the harness prints how it ends.

import process from 'node:process';
import { WASI } from 'node:wasi';

import { build } from './build.mjs';

const wasi = new WASI({ version: 'preview1', args: ['tests'] });
// ANCHOR: shown
const module = new WebAssembly.Module(build('wasi-missing.rs', '--test', '--target', 'wasm32-wasip1'));
// ANCHOR_END: shown
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
