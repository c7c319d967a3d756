// Gives a guest the function `setting`. node settings.mjs ASKER.wasm

import { readFile } from 'node:fs/promises';
import process from 'node:process';

// ANCHOR: setting
const settings = new Map([['motto', 'one module, every host; '.repeat(5000)]]);

/** A new view of these bytes; throws if they are not all in memory. */
const bytesAt = (pointer, len) => new Uint8Array(instance.exports.memory.buffer, pointer >>> 0, len >>> 0);

function setting(name, len) {
  const early = bytesAt(name, len);
  const value = settings.get(new TextDecoder().decode(early));
  if (value === undefined) return 0;
  const bytes = new TextEncoder().encode(value);
  const answer = instance.exports.reserve(bytes.length); // the guest runs, and memory may grow
  console.log(`bytes in the view from before: ${early.length}`);
  bytesAt(answer, bytes.length).set(bytes);
  return 1;
}

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), { env: { setting } });
// ANCHOR_END: setting

console.log(`motto_len() = ${instance.exports.motto_len()}`);
settings.clear();
console.log(`motto_len() = ${instance.exports.motto_len()}, without settings`);
