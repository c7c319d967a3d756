// The book's first JavaScript listing, as it is printed, against our raw module. Its page is a browser's; here `fetch`
// replaces the server.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { built, SIGNATURE_OF_HELLO } from '../../javascript/tests/modules.mjs';

test("the book's first listing prints the book's signature", async (t) => {
  const html = readFileSync(new URL('../../../docs/listings/chapter/token-signer/index.html', import.meta.url), 'utf8');
  const script = /<script type="module">\n(.*)<\/script>/s.exec(html)?.[1] ?? assert.fail('no script');

  t.mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    assert.equal(path, 'token_signer.wasm');
    return new Response(readFileSync(built('modules/signer-raw.wasm')));
  });
  /** @type {unknown[][]} */
  const printed = [];
  t.mock.method(console, 'log', (/** @type {unknown[]} */ ...values) => printed.push(values));
  await import(`data:text/javascript,${encodeURIComponent(script)}`);

  assert.deepEqual(printed, [[SIGNATURE_OF_HELLO]]);
});
