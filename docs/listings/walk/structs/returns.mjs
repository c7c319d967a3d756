// ANCHOR: all
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('returns.wasm'));
const { memory, as_struct, as_number, to_pointer } = instance.exports;

const number = as_number();
console.log('as_number:', Number(number >> 32n), Number(number & 0xffffffffn));

// On a page that the module doesn't know yet: nothing else writes there.
const result = memory.buffer.byteLength;
memory.grow(1);
for (const [name, call] of Object.entries({ as_struct, to_pointer })) {
  call(result);
  const view = new DataView(memory.buffer);
  console.log(`${name}:`, view.getUint32(result, true), view.getUint32(result + 4, true));
}
// ANCHOR_END: all
