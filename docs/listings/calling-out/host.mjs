// Gives a guest the function `log`. node host.mjs GREETER.wasm

import { readFile } from 'node:fs/promises';
import process from 'node:process';

// ANCHOR: log
const utf8 = new TextDecoder('utf-8', { fatal: true });

function log(text, len) {
  const [start, length] = [text >>> 0, len >>> 0]; // i32 arrives with a sign
  const memory = new Uint8Array(instance.exports.memory.buffer); // a new view in each call
  if (start + length > memory.length) throw new RangeError(`${length} bytes at ${start} are not all in memory`);
  console.log(`guest: ${utf8.decode(memory.subarray(start, start + length))}`);
}

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), { env: { log } });
// ANCHOR_END: log

instance.exports.greet();
try {
  instance.exports.stray();
} catch (error) {
  console.log(`refused: ${error.message}`);
}
