import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** What `make vectors` copies: the list is in the program that does it. */
const source = readFileSync(new URL('../../../crates/vectors/src/generate/copies.rs', import.meta.url), 'utf8');
const list = /const SHARED: &\[&str\] = &\[(.*?)\n\];/s.exec(source)?.[1] ?? '';
const names = [...list.matchAll(/^ *"(.*)",$/gm)].map(([, name]) => name);

test('the list has the wrappers', () => {
  for (const name of ['signer.mjs', 'batch-modules.mjs', 'codes.mjs']) assert.ok(names.includes(name), name);
});

for (const name of names) {
  test(`${name} is the same file as in hosts/node`, () => {
    const [here, there] = ['..', '../../node'].map((folder) =>
      readFileSync(new URL(`${folder}/${name}`, import.meta.url), 'utf8'),
    );
    assert.equal(here, there, `copy it: cp hosts/node/${name} hosts/browser/${name}`);
  });
}
