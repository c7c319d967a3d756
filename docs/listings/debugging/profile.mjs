// Where the samples of a .cpuprofile are: node profile.mjs FILE

import { readFileSync } from 'node:fs';
import process from 'node:process';

// ANCHOR: profile
const { nodes, samples } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
const counts = new Map();
for (const id of samples) {
  const { functionName, url } = frames.get(id);
  if (url.startsWith('wasm:')) counts.set(functionName, (counts.get(functionName) ?? 0) + 1);
}
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
const sorted = [...counts].sort((one, other) => other[1] - one[1]);
for (const [name, count] of sorted.slice(0, 3))
  console.log(`${((count / total) * 100).toFixed(0).padStart(3)} %  ${name}`);
// ANCHOR_END: profile
