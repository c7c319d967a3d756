// Work for the profiler. Run in the root of the workspace.

import { readFileSync } from 'node:fs';

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync('target/debugging/busy.wasm')));
console.log(exports.run(60_000), 'different numbers, twice');
