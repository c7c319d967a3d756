// Each page, as a person uses it: fill in, press, read.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { toHex } from '../../javascript/conformance/bytes.mjs';
import * as book from '../../javascript/tests/modules.mjs';
import { browserForTests } from './open.mjs';

const { open } = browserForTests();
const [PUBLISHED_KEY, MISMATCHED_KEY, SIGNATURE_HEX] = [
  book.PUBLISHED_KEY,
  book.MISMATCHED_KEY,
  book.SIGNATURE_OF_HELLO,
].map(toHex);
const PUBLIC_KEY = crypto.createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(PUBLISHED_KEY.slice(64), 'hex').toString('base64url') },
  format: 'jwk',
});

/**
 * Presses the button, and gives what the page then says.
 *
 * @param {import('playwright-core').Page} page
 * @param {Record<string, string>} [fields]
 * @param {string} [button]
 */
async function press(page, fields = {}, button = '#go') {
  await page.locator(`${button}:enabled`).waitFor();
  await page.evaluate(() => document.getElementById('status')?.replaceChildren());
  for (const [id, text] of Object.entries(fields)) await page.fill(`#${id}`, text);
  await page.click(button);
  await page.locator('#status:not(:empty)').waitFor();
  return page.textContent('#status');
}

for (const path of ['/raw.html', '/bindgen.html']) {
  test(`${path} shows the signature of the book, in both forms`, async () => {
    await open(path, async (page) => {
      assert.equal(await press(page), 'Signed. These are the bytes that the book prints.');
      assert.equal(await page.textContent('#signature-hex'), SIGNATURE_HEX);
      assert.equal(await page.textContent('#signature-numbers'), book.SIGNATURE_OF_HELLO.join(', '));
    });
  });

  test(`${path} signs any text as UTF-8, and takes the key as hex`, async () => {
    await open(path, async (page) => {
      const message = 'Grüße, 日本 🦀';
      assert.equal(await press(page, { message, key: PUBLISHED_KEY }), 'Signed.');
      const signature = Buffer.from((await page.textContent('#signature-hex')) ?? '', 'hex');
      assert.ok(crypto.verify(null, Buffer.from(message), PUBLIC_KEY, signature));
    });
  });

  test(`${path} says what is wrong with a key, and signs again afterwards`, async () => {
    await open(path, async (page) => {
      assert.match((await press(page, { key: '1, 2, 3' })) ?? '', /64 bytes/);
      assert.match((await press(page, { key: '1, 2, 300' })) ?? '', /“300” is no byte/);
      assert.match((await press(page, { key: MISMATCHED_KEY })) ?? '', /trapped|KEY_PAIR_MISMATCH: Invalid key: /);
      assert.equal(await page.textContent('#signature-hex'), '');
      assert.match((await press(page, { key: PUBLISHED_KEY })) ?? '', /These are the bytes/);
      assert.equal(await page.textContent('#signature-hex'), SIGNATURE_HEX);
    });
  });
}

test('/raw.html shows its calls, with the length in bytes', async () => {
  await open('/raw.html', async (page) => {
    await press(page, { message: 'é🦀' });
    const calls = (await page.textContent('#calls')) ?? '';
    assert.match(calls, /^allocate_message\(6\) → \d+\n {2}the message is written there: 6 bytes \(3 UTF-16 units\)/);
    assert.match(calls, /get_signing_key_ptr\(\) → \d+\n.*\nsign\(\)\nget_signature_ptr\(\) → \d+\n/);
  });
});

test('/adder.html adds, wraps around, divides, and outlives a trap', async () => {
  await open('/adder.html', async (page) => {
    const result = () => page.textContent('#result');
    await press(page);
    assert.equal(await result(), '5');
    assert.match((await press(page, { a: '2147483647', b: '1' })) ?? '', /wraps around/);
    assert.equal(await result(), '-2147483648');
    assert.match((await press(page, { a: '7', b: '0' }, '#divide')) ?? '', /^TRAPPED: divide_numbers\(7, 0\) trapped/);
    assert.equal(await result(), '');
    await press(page, { a: '-7', b: '2' }, '#divide');
    assert.equal(await result(), '-3');
    assert.match((await press(page, { a: '2147483648' })) ?? '', /The first number must be an integer/);
  });
});

test('/compare.html compares every pair, and tweetnacl comes last', async () => {
  await open('/compare.html', async (page) => {
    await page.click('#go');
    await page.locator('#status.good').waitFor({ timeout: 120_000 });
    const status = await page.textContent('#status');
    assert.equal(status, 'All 1000 signatures are the same, byte for byte, from all three.');
    const rows = await page.locator('#pairs tr').allTextContents();
    assert.equal(rows.length, 3);
    for (const row of rows) assert.match(row, /1000 of 10000$/);
    const ratio = /^The raw module is ([\d,.]+) times as fast as tweetnacl$/.exec(
      (await page.textContent('#ratio')) ?? '',
    );
    assert.ok(Number(ratio?.[1].replace(',', '')) > 2, ratio?.[0]);
    assert.equal(await page.locator('.bar').count(), 3);
    assert.equal(await page.locator('#progress').getAttribute('value'), '1000');
  });
});

test('/compare.html can be cancelled, and started again', async () => {
  await open('/compare.html', async (page) => {
    await page.click('#go');
    await page.waitForFunction(() => Number(document.querySelector('progress')?.value) > 0);
    await page.click('#cancel');
    assert.match((await page.textContent('#status')) ?? '', /^Cancelled after \d+ of 1000 messages\.$/);
    await page.click('#go');
    await page.waitForFunction(() => Number(document.querySelector('progress')?.value) > 0);
    assert.equal(await page.textContent('#status'), 'Signing…');
  });
});

test('/example.html makes a token that jose verifies, and so does OpenSSL', async () => {
  await open('/example.html', async (page) => {
    assert.equal(await press(page), 'Signed, and verified by jose.');
    assert.equal(await page.textContent('#signature'), SIGNATURE_HEX);
    const [header, payload, signature] = ((await page.textContent('#token')) ?? '').split('.');
    const signed = Buffer.from(`${header}.${payload}`);
    assert.ok(crypto.verify(null, signed, PUBLIC_KEY, Buffer.from(signature, 'base64url')));
    assert.match((await press(page, { key: MISMATCHED_KEY })) ?? '', /^KEY_PAIR_MISMATCH: /);
    assert.equal(await page.textContent('#token'), '');
  });
});

test('/host.html answers requests that a person types', async () => {
  await open('/host.html', async (page) => {
    assert.equal(await press(page), '3 answered.');
    const [hello, key, raw] = ((await page.textContent('#replies')) ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(hello.host, 'browser');
    assert.deepEqual(key, { seq: 1, ok: { public_key: PUBLISHED_KEY.slice(64) } });
    assert.deepEqual(raw.ok.steps[0], { ok: { results: [{ i32: 1 }] } });
    assert.equal(raw.ok.steps[1].trap, true);
    assert.match((await press(page, { request: '{"cmd":' })) ?? '', /JSON/);
  });
});

for (const path of ['/', '/raw.html', '/bindgen.html', '/adder.html', '/compare.html', '/example.html', '/host.html']) {
  test(`${path} fits a phone, and names everything that can be used`, async () => {
    await open(path, async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      if (path !== '/') await page.locator('#go:enabled').waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('a, button, input, textarea, progress')]
          .filter((item) => {
            const labels = 'labels' in item ? /** @type {NodeListOf<HTMLLabelElement>} */ (item.labels) : [];
            const text = item instanceof HTMLTextAreaElement ? '' : item.textContent;
            return !(text?.trim() || item.getAttribute('aria-label') || labels?.length);
          })
          .map((item) => item.outerHTML),
      );
      assert.deepEqual(nameless, []);
      const uses = await page.locator('#key').count();
      if (uses) assert.match((await page.textContent('main')) ?? '', /Never paste a real key/);
    });
  });
}

test('a page is isolated from other origins, so that it has a fine clock', async () => {
  await open('/raw.html', async (page) => {
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  });
});
