// A thousand signatures by few keys and by many, verified by each module. Run in the root of the workspace, with names of modules.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';
import { signedBy } from './keys.mjs';

const ROUNDS = 9;
const names = process.argv.slice(2);
const columns = (cells) => cells.map((cell) => cell.padStart(26)).join('');

console.log(`issuers${columns(names)}`);
for (const issuers of [1, 16, 1000]) {
  const items = signedBy(issuers, 1000);
  const verifiers = [];
  for (const name of names) verifiers.push(await Verifier.create([await readFile(`target/modules/${name}.wasm`)]));
  const times = names.map(() => []);
  // The first round isn't counted: the engine compiles, and the verifier gets to know the keys.
  for (let round = 0; round <= ROUNDS; round += 1) {
    verifiers.forEach((verifier, which) => {
      const began = performance.now();
      const verdicts = verifier.verifyMany(items);
      if (round > 0) times[which].push((1000 * (performance.now() - began)) / items.length);
      assert.ok(verdicts.every((verdict) => verdict));
    });
  }
  const medians = times.map((all) => all.sort((a, b) => a - b)[ROUNDS >> 1]);
  console.log(`${String(issuers).padStart(7)}${columns(medians.map((micros) => `${micros.toFixed(1)} µs`))}`);
  for (const verifier of verifiers) verifier.close();
}
