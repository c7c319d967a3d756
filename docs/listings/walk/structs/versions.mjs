// ANCHOR: all
import { load } from './wrapper.mjs';

const text = new TextEncoder().encode('Bær og blåbær på fjellet');
for (const file of ['words.wasm', 'newer.wasm']) {
  const { wasm } = await load(file);
  const ptr = wasm.alloc(text.length);
  new Uint8Array(wasm.memory.buffer, ptr, text.length).set(text);
  for (const size of [24, 32]) {
    const result = wasm.alloc(size);
    const written = wasm.summarize(ptr, text.length, result, size);
    const view = new DataView(wasm.memory.buffer, result, written);
    const characters = written >= 28 ? view.getUint32(24, true) : 'not there';
    const words = view.getUint32(0, true);
    console.log(`${file}, a host of ${size} bytes: ${words} words, characters: ${characters}`);
    wasm.free(result, size);
  }
  wasm.free(ptr, text.length);
}
await load('breaking.wasm').catch(error => console.log(String(error)));
// ANCHOR_END: all
