import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const WRAPPERS = ['signer', 'adder', 'codes', 'token'];
const ANSWERS = ['bytes', 'deadline', 'lines', 'operations', 'raw', 'requests', 'wasm-types', 'tests/small-modules'];

for (const name of [...WRAPPERS, ...ANSWERS]) {
  test(`${name}.mjs is the same file as in hosts/node`, () => {
    const [here, there] = ['..', '../../node'].map((folder) =>
      readFileSync(new URL(`${folder}/${name}.mjs`, import.meta.url), 'utf8'),
    );
    assert.equal(here, there, `copy it: cp hosts/node/${name}.mjs hosts/browser/${name}.mjs`);
  });
}
