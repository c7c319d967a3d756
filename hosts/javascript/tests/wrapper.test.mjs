// What every engine is asked about the wrappers: wrong-values.mjs, mishaps.mjs, verifying.mjs,
// verifying-tokens.mjs and key-files.mjs say it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as jose from 'jose';

import { keyFiles } from './key-files.mjs';
import { mishaps } from './mishaps.mjs';
import { built } from './modules.mjs';
import { FILE, tokenCases } from './token-cases.mjs';
import { verifyingTokens } from './verifying-tokens.mjs';
import { verifying } from './verifying.mjs';
import { wrongValues, wrongValuesOfGlue } from './wrong-values.mjs';

const [raw, simd, small, adder, lanes, relaxed, keys] = [
  'signer-raw',
  'signer-raw-simd',
  'signer-small',
  'add-raw',
  'verifier-lanes',
  'verifier-lanes-relaxed',
  'keys',
].map((name) => readFileSync(built(`modules/${name}.wasm`)));
const faulty = readFileSync(built('fixtures/signer-faulty.wasm'));
const table = JSON.parse(readFileSync(FILE, 'utf8'));
const glue = await import(built('pkg/token_signer.js'));
glue.initSync({ module: readFileSync(built('pkg/token_signer_bg.wasm')) });

for (const [name, work] of [
  ...(await wrongValues({ raw, adder })),
  ...wrongValuesOfGlue(glue),
  ...(await mishaps({ raw, simd, small, faulty, adder })),
  ...(await verifying({ raw, lanes, relaxed })),
  ...(await verifyingTokens({ raw, lanes, table, jose })),
  ...(await keyFiles({ raw, lanes, keys, jose })),
]) {
  test(name, async () => void (await work()));
}

test('hosts/token-cases.json is what token-cases.mjs writes', () => {
  assert.deepEqual(table, JSON.parse(JSON.stringify(tokenCases())), 'run: node hosts/javascript/tests/token-cases.mjs');
});
