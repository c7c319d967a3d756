// ANCHOR: all
import { readFileSync } from 'node:fs';
import init, { Text } from './pkg/finder.js';

await init({ module_or_path: readFileSync('pkg/finder_bg.wasm') });

/** Prints the error that a call throws. */
function fails(call) {
  try {
    call();
  } catch (error) {
    console.log(String(error));
  }
}

const text = new Text('Roses are red,\nviolets are blue.');
console.log(text.line(2));
console.log(text.line(3));
const [hit] = text.find('VIOLETS');
console.log(hit.number, hit.line);
console.log(Object.keys(hit));
fails(() => text.find(' '));

// `append` takes its argument by value, so `more` can't be used afterwards.
const more = new Text('Sugar is sweet,');
text.append(more);
console.log(text.line(3));
fails(() => more.line(1));
fails(() => text.append('and so are you.'));

text.free();
fails(() => text.line(1));
// ANCHOR_END: all
