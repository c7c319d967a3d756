// Calls total(2, 2) of a module, and prints what a trap leaves behind: node trace.mjs MODULE [hook]. Run in the root of the workspace.

import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file, hook] = process.argv.slice(2);

// ANCHOR: log
const host = {
  log: (text, length) => {
    const bytes = new Uint8Array(exports.memory.buffer, text >>> 0, length);
    console.log('guest:', new TextDecoder().decode(bytes));
  },
};
// ANCHOR_END: log

// ANCHOR: trace
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { host });
if (hook) exports.report_panics();
Error.stackTraceLimit = 50; // V8 keeps ten lines unless told otherwise
try {
  exports.total(2, 2);
} catch (error) {
  console.log(String(error));
  // The address of the module, wasm://wasm/ and a hash, says nothing here.
  const frames = error.stack.split('\n').filter((line) => line.includes('wasm-function'));
  for (const frame of frames) console.log(frame.replace(/wasm:\/\/.*?:|[\w-]+\.wasm\./g, ''));
}
// ANCHOR_END: trace
