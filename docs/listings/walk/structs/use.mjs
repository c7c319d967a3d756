// ANCHOR: all
import { load } from './wrapper.mjs';

const { wasm, summarize, shout, counter } = await load('words.wasm');
console.log(summarize('Bær og blåbær på fjellet'));
console.log(shout('blåbær, straße'));
try {
  shout(Uint8Array.of(0xff));
} catch (error) {
  console.log(String(error));
}

const first = counter();
console.log('counted:', first.add('bær'), first.add('bær'), first.add('fjell'));
first.free();
const second = counter();
try {
  first.add('bær');
} catch (error) {
  console.log(String(error));
}
console.log('counted:', second.add('bær'));
console.log('pieces that nobody gave back:', wasm.pieces());
// ANCHOR_END: all
