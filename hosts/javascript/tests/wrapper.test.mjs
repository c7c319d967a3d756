// What every engine is asked about the wrappers: wrong-values.mjs and mishaps.mjs say it.

import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { mishaps } from './mishaps.mjs';
import { built } from './modules.mjs';
import { wrongValues, wrongValuesOfGlue } from './wrong-values.mjs';

const [raw, simd, small, adder] = ['signer-raw', 'signer-raw-simd', 'signer-small', 'add-raw'].map((name) =>
  readFileSync(built(`modules/${name}.wasm`)),
);
const faulty = readFileSync(built('fixtures/signer-faulty.wasm'));
const glue = await import(built('pkg/token_signer.js'));
glue.initSync({ module: readFileSync(built('pkg/token_signer_bg.wasm')) });

for (const [name, work] of [
  ...(await wrongValues({ raw, adder })),
  ...wrongValuesOfGlue(glue),
  ...(await mishaps({ raw, simd, small, faulty, adder })),
]) {
  test(name, async () => void (await work()));
}
