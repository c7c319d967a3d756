// ANCHOR: all
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { see } from '../see.mjs';
import { headersOf } from './headers.mjs';

const options = {
  folder: 'dist',
  headersOf: file => (file === '/see.html' ? {} : headersOf(file)),
};
for (const browser of ['chromium', 'firefox']) {
  test(`the site finds lines in ${browser}`, async () => {
    assert.match(await see(browser, options), /^"HOST": 2 found$/m);
  });
}
// ANCHOR_END: all
