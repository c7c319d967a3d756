// Each page, as a person uses it: fill in, press, read.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import * as book from '../../javascript/tests/modules.mjs';
import { startServer } from '../server.mjs';
import { expectFitting, LAUNCH, until } from './any-page.mjs';
import { testWrapper } from './wrapper.mjs';
import { visit } from './visit.mjs';
import { FILES } from './wrapper-on-page.mjs';

/** @typedef {import('./any-page.mjs').Page} Page */

const [PUBLISHED_KEY, MISMATCHED_KEY, SIGNATURE_HEX] = [
  book.PUBLISHED_KEY,
  book.MISMATCHED_KEY,
  book.SIGNATURE_OF_HELLO,
].map(toHex);
const PUBLIC_KEY = crypto.createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(PUBLISHED_KEY.slice(64), 'hex').toString('base64url') },
  format: 'jwk',
});

/** @type {(page: Page, selector: string) => Promise<string>} */
const textOf = (page, selector) =>
  page.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', selector);

/** @type {(page: Page, selector: string) => Promise<unknown>} waits until it is there */
const there = (page, selector) => until(page, (selector) => document.querySelector(selector) !== null, selector);

/** @type {(page: Page, selector: string) => Promise<void>} */
const click = (page, selector) =>
  page.evaluate((selector) => /** @type {HTMLElement} */ (document.querySelector(selector)).click(), selector);

/**
 * Presses the button, and gives what the page then says.
 *
 * @param {Page} page
 * @param {Record<string, string>} [fields]
 * @param {string} [button]
 */
async function press(page, fields = {}, button = '#go') {
  await there(page, `${button}:enabled`);
  await page.evaluate((fields) => {
    document.getElementById('status')?.replaceChildren();
    for (const [id, value] of Object.entries(fields)) Object.assign(document.getElementById(id) ?? {}, { value });
  }, fields);
  await click(page, button);
  await there(page, '#status:not(:empty)');
  return textOf(page, '#status');
}

/** @type {[name: string, path: string, work: (page: Page) => Promise<void>][]} */
const TESTS = [];
const onPage = (/** @type {string} */ path, /** @type {string} */ what, /** @type {typeof TESTS[0][2]} */ work) =>
  void TESTS.push([`${path} ${what}`, path, work]);

for (const path of ['/raw.html', '/bindgen.html']) {
  onPage(path, 'shows the signature of the book, in both forms', async (page) => {
    assert.equal(await press(page), 'Signed. These are the bytes that the book prints.');
    assert.equal(await textOf(page, '#signature-hex'), SIGNATURE_HEX);
    assert.equal(await textOf(page, '#signature-numbers'), book.SIGNATURE_OF_HELLO.join(', '));
  });

  onPage(path, 'signs any text as UTF-8, and takes the key as hex', async (page) => {
    const message = 'Grüße, 日本 🦀';
    assert.equal(await press(page, { message, key: PUBLISHED_KEY }), 'Signed.');
    const signature = Buffer.from(await textOf(page, '#signature-hex'), 'hex');
    assert.ok(crypto.verify(null, Buffer.from(message), PUBLIC_KEY, signature));
  });

  onPage(path, 'says what is wrong with a key, and signs again afterwards', async (page) => {
    assert.match(await press(page, { key: '1, 2, 3' }), /64 bytes/);
    assert.match(await press(page, { key: '1, 2, 300' }), /“300” is no byte/);
    assert.match(await press(page, { key: MISMATCHED_KEY }), /trapped|KEY_PAIR_MISMATCH: Invalid key: /);
    assert.equal(await textOf(page, '#signature-hex'), '');
    assert.match(await press(page, { key: PUBLISHED_KEY }), /These are the bytes/);
    assert.equal(await textOf(page, '#signature-hex'), SIGNATURE_HEX);
  });
}

onPage('/raw.html', 'shows its calls, with the length in bytes', async (page) => {
  await press(page, { message: 'é🦀' });
  const calls = await textOf(page, '#calls');
  assert.match(calls, /^allocate_message\(6\) → \d+\n {2}the message is written there: 6 bytes \(3 UTF-16 units\)/);
  assert.match(calls, /get_signing_key_ptr\(\) → \d+\n.*\nsign\(\)\nget_signature_ptr\(\) → \d+\n/);
});

onPage('/adder.html', 'adds, wraps around, divides, and outlives a trap', async (page) => {
  const result = () => textOf(page, '#result');
  await press(page);
  assert.equal(await result(), '5');
  assert.match(await press(page, { a: '2147483647', b: '1' }), /wraps around/);
  assert.equal(await result(), '-2147483648');
  assert.match(await press(page, { a: '7', b: '0' }, '#divide'), /^TRAPPED: divide_numbers\(7, 0\) trapped/);
  assert.equal(await result(), '');
  await press(page, { a: '-7', b: '2' }, '#divide');
  assert.equal(await result(), '-3');
  assert.match(await press(page, { a: '2147483648' }), /The first number must be an integer/);
});

onPage('/compare.html', 'compares every pair, and tweetnacl comes last', async (page) => {
  await click(page, '#go');
  await there(page, '#status.good');
  assert.equal(await textOf(page, '#status'), 'All 1000 signatures are the same, byte for byte, from all three.');
  const rows = await page.evaluate(() => [...document.querySelectorAll('#pairs tr')].map((row) => row.textContent));
  assert.equal(rows.length, 3);
  for (const row of rows) assert.match(row, /1000 of 10000$/);
  const said = await textOf(page, '#ratio');
  const ratio = /^The raw module is ([\d,.]+) times as fast as tweetnacl$/.exec(said)?.[1];
  assert.ok(Number(ratio?.replace(',', '')) > 2, said);
  assert.equal(await page.evaluate(() => document.querySelectorAll('.bar').length), 3);
  assert.equal(await page.evaluate(() => document.getElementById('progress')?.getAttribute('value')), '1000');
});

onPage('/compare.html', 'can be cancelled, and started again', async (page) => {
  const begun = () => until(page, () => Number(document.querySelector('progress')?.value) > 0);
  await click(page, '#go');
  await begun();
  await click(page, '#cancel');
  assert.match(await textOf(page, '#status'), /^Cancelled after \d+ of 1000 messages\.$/);
  await click(page, '#go');
  await begun();
  assert.equal(await textOf(page, '#status'), 'Signing…');
});

onPage('/example.html', 'makes a token that jose verifies, and so does OpenSSL', async (page) => {
  assert.equal(await press(page), 'Signed, and verified by jose.');
  assert.equal(await textOf(page, '#signature'), SIGNATURE_HEX);
  assert.equal(await textOf(page, '#verified'), 'verified, EdDSA');
  const [header, payload, signature] = (await textOf(page, '#token')).split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  assert.ok(crypto.verify(null, signed, PUBLIC_KEY, Buffer.from(signature, 'base64url')));
  assert.match(await press(page, { key: MISMATCHED_KEY }), /^KEY_PAIR_MISMATCH: /);
  assert.equal(await textOf(page, '#token'), '');
});

onPage('/host.html', 'answers requests that a person types', async (page) => {
  assert.equal(await press(page), '3 answered.');
  const lines = (await textOf(page, '#replies')).trim().split('\n');
  const [hello, key, raw] = lines.map((line) => JSON.parse(line));
  assert.equal(hello.host, 'browser');
  assert.match(hello.runtime, /^(Chromium|Firefox) \d/);
  assert.deepEqual(key, { seq: 1, ok: { public_key: PUBLISHED_KEY.slice(64) } });
  assert.deepEqual(raw.ok.steps[0], { ok: { results: [{ i32: 1 }] } });
  assert.equal(raw.ok.steps[1].trap, true);
  assert.match(await press(page, { request: '{"cmd":' }), /JSON/);
});

for (const path of ['/', '/raw.html', '/bindgen.html', '/adder.html', '/compare.html', '/example.html', '/host.html']) {
  onPage(path, 'fits a phone, and names everything that can be used', async (page) => {
    await page.resize({ width: 390, height: 844 });
    if (path !== '/') await there(page, '#go:enabled');
    await expectFitting(page, 'a, button, input, textarea, progress');
    const usesKey = await page.evaluate(() => document.getElementById('key') !== null);
    if (usesKey) assert.match(await textOf(page, 'main'), /Never paste a real key/);
  });
}

onPage('/raw.html', 'is isolated from other origins, so that it has a fine clock', async (page) => {
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
});

/** @param {keyof typeof LAUNCH} name of the browser */
export function testPages(name) {
  /** @type {import('./any-page.mjs').Browser} */
  let browser;
  /** @type {import('../server.mjs').PageServer} */
  let server;
  before(async () => {
    browser = await LAUNCH[name]();
    server = await startServer();
    for (const [url, file] of FILES) server.files.set(url, file);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  testWrapper((what, work) => onPage('/host.html', what, work));
  for (const [what, path, work] of TESTS) {
    test(`${name}: ${what}`, async () => {
      const page = await browser.newPage(server.origin);
      await visit(page, page.wrong, server.origin + path, () => work(page));
    });
  }
}
