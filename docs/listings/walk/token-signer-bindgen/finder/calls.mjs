// ANCHOR: all
import { readFileSync } from 'node:fs';
import init, { Text } from './pkg/finder.js';

await init({ module_or_path: readFileSync('pkg/finder_bg.wasm') });
const text = new Text('one\ntwo');

text.each(line => console.log(line));

for (const visit of [
  line => {
    throw new RangeError(`not ${line}`);
  },
  line => text.find(line).length,
  line => text.push(line),
]) {
  try {
    text.each(visit);
    console.log('no error');
  } catch (error) {
    console.log(String(error));
  }
}
// ANCHOR_END: all
