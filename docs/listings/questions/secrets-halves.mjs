import { randomBytes } from 'node:crypto';

// ANCHOR: shown
const seed = randomBytes(32);
const memory = Buffer.alloc(65536);
memory.set(seed.subarray(0, 16), 100); // what a compiler spilled
memory.set(seed.subarray(16), 300);
console.log(memory.includes(seed), memory.includes(seed.subarray(0, 8)));
// ANCHOR_END: shown
