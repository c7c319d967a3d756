// ANCHOR: all
import { readFileSync } from 'node:fs';
import init, { Text } from './pkg/finder.js';

const { memory } = await init({ module_or_path: readFileSync('pkg/finder_bg.wasm') });
const mebibytes = () => Math.round(memory.buffer.byteLength / 2 ** 20);
const large = 'x'.repeat(2 ** 20);

for (let count = 0; count < 100; count++) new Text(large).free();
console.log(`100 texts of 1 MiB, each freed: ${mebibytes()} MiB`);

for (let count = 0; count < 100; count++) new Text(large);
console.log(`100 more, none freed: ${mebibytes()} MiB`);

// Runs the garbage collector. Node allows this only with --expose-gc.
globalThis.gc();
await new Promise(resolve => setTimeout(resolve, 100));
const before = mebibytes();
for (let count = 0; count < 100; count++) new Text(large);
console.log(`100 more, after a garbage collection: ${mebibytes() - before} MiB more`);
// ANCHOR_END: all
