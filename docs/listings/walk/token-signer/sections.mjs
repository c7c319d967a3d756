// ANCHOR: all
// Prints the sections of a module with their sizes in bytes.
import { readFileSync } from 'node:fs';

const NAMES = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export'];
NAMES.push('start', 'element', 'code', 'data', 'data count');
const wasm = readFileSync(process.argv[2]);
let at = 8; // after the magic number and the version

function number() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
}

let rest = 0;
while (at < wasm.length) {
  const id = wasm[at++];
  const size = number();
  const end = at + size;
  let name = NAMES[id] ?? id;
  if (id === 0) {
    const length = number();
    name += `: ${wasm.toString('utf8', at, at + length)}`;
  }
  if (size < 1000) rest += size;
  else console.log(`${size} ${name}`);
  at = end;
}
console.log(`${rest} all others`);
// ANCHOR_END: all
