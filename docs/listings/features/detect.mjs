// What this JavaScript host has. Run in the root of the workspace, by Node, Deno or Bun.

import { readFileSync } from 'node:fs';

const { cases } = JSON.parse(readFileSync('vectors/features.json', 'utf8'));

// ANCHOR: detect
/** A small module for each feature. */
const modules = cases.map(({ id, in: { wasm } }) => ({
  name: id.replace('features/', ''),
  bytes: Uint8Array.from(wasm.match(/../g), (digits) => parseInt(digits, 16)),
}));

const lacking = modules.filter(({ bytes }) => !WebAssembly.validate(bytes));
console.log('lacks', lacking.map(({ name }) => name).join(', ') || 'nothing');
// ANCHOR_END: detect
