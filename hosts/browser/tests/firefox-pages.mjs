// Each page in Firefox, as a person uses it: fill in, press, read. pages.test.mjs does more of that in Chromium; this is
// what another engine may do differently. Needs Node 22, as the driver does, so check.sh runs it with that.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import * as book from '../../javascript/tests/modules.mjs';
import { startServer } from '../server.mjs';
import { visit, wrongOn } from './visit.mjs';
import { FILES, failuresOnPage } from './wrapper-on-page.mjs';
import { launchFirefox } from '../firefox.mjs';

const [MISMATCHED_KEY, SIGNATURE_HEX] = [book.MISMATCHED_KEY, book.SIGNATURE_OF_HELLO].map(toHex);
/** In milliseconds, for whatever a page is waited for. */
const LIMIT = 120_000;

/** @type {import('puppeteer-core').Browser} */
let browser;
/** @type {import('../server.mjs').PageServer} */
let server;
before(async () => {
  browser = await launchFirefox();
  server = await startServer();
  for (const [url, file] of FILES) server.files.set(url, file);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/**
 * Opens a page of its own for `work`. Whatever is printed as an error, thrown, or asked of another server fails the
 * test.
 *
 * @param {string} path
 * @param {(page: import('puppeteer-core').Page) => Promise<void>} work
 */
async function open(path, work) {
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  await visit(page, wrongOn(page, server.origin), server.origin + path, () => work(page));
}

/**
 * Presses the button, and gives what the page then says.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {Record<string, string>} [fields]
 * @param {string} [button]
 */
async function press(page, fields = {}, button = '#go') {
  await page.waitForSelector(`${button}:enabled`);
  await page.$eval('#status', (status) => status.replaceChildren());
  for (const [id, text] of Object.entries(fields)) {
    await page.$eval(`#${id}`, (field, text) => Object.assign(field, { value: text }), text);
  }
  await page.click(button);
  await page.waitForSelector('#status:not(:empty)');
  return textOf(page, '#status');
}

/**
 * @param {import('puppeteer-core').Page} page
 * @param {string} selector
 */
const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent ?? '');

for (const path of ['/raw.html', '/bindgen.html']) {
  test(`${path} shows the signature of the book, and says what is wrong with a key`, async () => {
    await open(path, async (page) => {
      assert.equal(await press(page), 'Signed. These are the bytes that the book prints.');
      assert.equal(await textOf(page, '#signature-hex'), SIGNATURE_HEX);
      assert.equal(await textOf(page, '#signature-numbers'), book.SIGNATURE_OF_HELLO.join(', '));
      assert.match(await press(page, { key: MISMATCHED_KEY }), /trapped|KEY_PAIR_MISMATCH: Invalid key: /);
      assert.equal(await textOf(page, '#signature-hex'), '');
    });
  });
}

test('what every engine is asked about the wrappers', async () => {
  await open('/host.html', async (page) => {
    const { count, failures } = await page.evaluate(failuresOnPage);
    assert.ok(count > 100, `only ${count}`);
    assert.deepEqual(failures, []);
  });
});

test('/adder.html adds, divides, and outlives a trap', async () => {
  await open('/adder.html', async (page) => {
    await press(page);
    assert.equal(await textOf(page, '#result'), '5');
    assert.match(await press(page, { a: '7', b: '0' }, '#divide'), /^TRAPPED: divide_numbers\(7, 0\) trapped/);
    await press(page, { a: '-7', b: '2' }, '#divide');
    assert.equal(await textOf(page, '#result'), '-3');
  });
});

test('/compare.html finds all signatures equal', async () => {
  await open('/compare.html', async (page) => {
    await page.click('#go');
    await page.waitForSelector('#status.good');
    assert.equal(await textOf(page, '#status'), 'All 1000 signatures are the same, byte for byte, from all three.');
  });
});

test('/example.html makes a token that jose verifies', async () => {
  await open('/example.html', async (page) => {
    assert.equal(await press(page), 'Signed, and verified by jose.');
    assert.equal(await textOf(page, '#signature'), SIGNATURE_HEX);
    assert.equal(await textOf(page, '#verified'), 'verified, EdDSA');
  });
});

test('/host.html answers requests that a person types', async () => {
  await open('/host.html', async (page) => {
    assert.equal(await press(page), '3 answered.');
    const [hello, , raw] = (await textOf(page, '#replies'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.match(hello.runtime, /^Firefox \d/);
    assert.equal(raw.ok.steps[1].trap, true);
  });
});
