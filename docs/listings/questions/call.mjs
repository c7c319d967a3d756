// Calls an export without imports, and prints its result, or `trap`: call.mjs FILE.wasm EXPORT ARGUMENT…

import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file, name, ...args] = process.argv.slice(2);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { host: { log() {} } });
try {
  console.log(exports[name](...args.map(Number)));
} catch (error) {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  console.log('trap');
}
