import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { listingsPage } from '../listings.mjs';
import { edit, soundBook } from './sound.mjs';

const LISTINGS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../listings');

/** A reference made of the address of a static: what the lint against references into a static mut does not see. */
const UNSEEN_REFERENCE = /&(?:mut )?\*\s*\(*\s*&raw (?:const|mut)/;

test('no listing hides a reference into a static mut from the lint', () => {
  assert.match('unsafe { (&*(&raw const A), &mut *(&raw mut B)) }', UNSEEN_REFERENCE);
  const files = /** @type {string[]} */ (readdirSync(LISTINGS, { recursive: true }));
  const sources = files.filter((file) => file.endsWith('.rs') && !/(^|\/)(target|node_modules)\//.test(file));
  assert.ok(sources.length > 20, `${sources.length} sources`);
  for (const file of sources)
    assert.doesNotMatch(readFileSync(path.join(LISTINGS, file), 'utf8'), UNSEEN_REFERENCE, file);
});

test('the index has each listing once, by language, with every page that shows it', (t) => {
  const root = soundBook(
    t,
    edit('docs/src/walk/two.md', '# Two\n', '# Two\n\n```sh\n{{#include ../../listings/demo/greet.sh:inner}}\n```\n'),
  );
  const page = listingsPage(root);
  assert.match(
    page,
    /## Shell\n\n- `docs\/listings\/demo\/greet.sh`: \[One\]\(\.\.\/walk\/one.md\), \[Two\]\(\.\.\/walk\/two.md\)\n/,
  );
  assert.match(
    page,
    /## Settings and data\n\n- `docs\/listings\/exercises\/walk-one-greet\/solution\/answer.txt`: \[One\]/,
  );
  assert.doesNotMatch(page, /## Rust/);
});
