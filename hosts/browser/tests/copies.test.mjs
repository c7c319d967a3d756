import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

for (const name of ['signer', 'adder', 'codes', 'token', 'bytes', 'lines', 'operations', 'raw', 'wasm-types']) {
  test(`${name}.mjs is the same file as in hosts/node`, () => {
    const [here, there] = ['..', '../../node'].map((folder) =>
      readFileSync(new URL(`${folder}/${name}.mjs`, import.meta.url), 'utf8'),
    );
    assert.equal(here, there, `copy it: cp hosts/node/${name}.mjs hosts/browser/`);
  });
}
