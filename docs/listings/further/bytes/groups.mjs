// Adds up a module's functions by where they come from. Reads what `wasm-objdump -x -j Code` prints.

import { readFileSync } from 'node:fs';

// ANCHOR: groups
const GROUPS = [
  ['the allocator', /dlmalloc|__rust_(dealloc|alloc|realloc)|__rdl_|RawVec/],
  ['panics and their text', /panic|fmt|Formatter|abort|unwind|hook/],
  ['the checksum and its exports', /^(allocate|crc32)$/],
  ['the rest of std', /./],
];
// ANCHOR_END: groups

const sums = new Map(GROUPS.map(([name]) => [name, 0]));
for (const [, size, name] of readFileSync(0, 'utf8').matchAll(/ size=(\d+) <(.*)>/g)) {
  const [group] = GROUPS.find(([, pattern]) => pattern.test(name));
  sums.set(group, sums.get(group) + Number(size));
}
for (const [group, bytes] of sums) console.log(`${String(bytes).padStart(6)}  ${group}`);
