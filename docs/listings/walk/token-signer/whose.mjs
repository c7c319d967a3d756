// ANCHOR: all
// Reads the list of functions of `wasm-objdump -x -j Code`, and adds up their bytes by crate.
import { readFileSync } from 'node:fs';

const CRATES = ['curve25519_dalek', 'ed25519_dalek', 'sha2', 'digest', 'dlmalloc'];
const bytes = {};
for (const [, size, name] of readFileSync(0, 'utf8').matchAll(/size=(\d+)(.*)/g)) {
  const crate = CRATES.find(each => name.includes(each)) ?? 'the standard library, and the rest';
  bytes[crate] = (bytes[crate] ?? 0) + Number(size);
}
const sorted = Object.entries(bytes).sort((a, b) => b[1] - a[1]);
for (const [crate, sum] of sorted) console.log(`${sum} ${crate}`);
// ANCHOR_END: all
