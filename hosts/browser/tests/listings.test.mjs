// The book's own listings, as they are printed, on our modules.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { SIGNATURE_OF_HELLO } from '../../javascript/tests/modules.mjs';
import { browserForTests } from './open.mjs';

const { open } = browserForTests();
const listing = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../../docs/listings/chapter/${name}`, import.meta.url), 'utf8');

const CDN = 'https://cdn.jsdelivr.net/npm/tweetnacl@1.0.3/nacl-fast.min.js';
const TWEETNACL = readFileSync(
  new URL('../../javascript/node_modules/tweetnacl/nacl-fast.min.js', import.meta.url),
  'utf8',
);

/**
 * Opens a listing as a page of the server, without a security policy: it is one inline script. The comparison's names a
 * CDN, which no test asks: tweetnacl comes from npm.
 *
 * @param {string} html
 * @param {(page: import('playwright-core').Page, lines: (count: number) => Promise<unknown[][]>) => Promise<void>} work
 */
function openListing(html, work) {
  return open('/listing.html', work, {
    '/listing.html': { contentType: 'text/html', body: `<!doctype html><link rel="icon" href="data:," />\n${html}` },
    [CDN]: { contentType: 'text/javascript', body: TWEETNACL },
  });
}

const SIGNATURE = Object.fromEntries(SIGNATURE_OF_HELLO.entries());

test('the first listing prints the signature of the book', async () => {
  await openListing(listing('token-signer/index.html'), async (_, lines) => {
    assert.deepEqual(plain(await lines(1)), [[SIGNATURE]]);
  });
});

test('the wasm-bindgen listing prints the signature of the book', async () => {
  await openListing(listing('token-signer-bindgen/index.html'), async (_, lines) => {
    assert.deepEqual(plain(await lines(1)), [['Signature:', SIGNATURE]]);
  });
});

test('the listing of the adder prints 5', async () => {
  await openListing(`<script type="module">\n${listing('c-linked-add/index.js')}</script>`, async (_, lines) => {
    assert.deepEqual(await lines(1), [[5]]);
  });
});

test('the listing of the comparison finds no difference, and tweetnacl is slower', async () => {
  await openListing(listing('token-signer/comparison.html'), async (page, lines) => {
    const [[wasm, wasmTime], [nacl, naclTime]] = await lines(2);
    assert.deepEqual([wasm, nacl], ['wasm time', 'nacl time']);
    assert.ok(Number(naclTime) > Number(wasmTime), `${naclTime} ms against ${wasmTime} ms`);
    // console.assert prints after the last line; by the next task it has.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  });
});

/** However Playwright passes a typed array, as its indices and bytes. */
function plain(/** @type {unknown[][]} */ lines) {
  return lines.map((line) =>
    line.map((value) =>
      value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([index, byte]) => [index, byte]))
        : value,
    ),
  );
}
