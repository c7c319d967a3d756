// A server, a browser and pages that note whatever goes wrong on them, for every test here.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { launchChromium } from '../chromium.mjs';
import { startServer } from '../server.mjs';

/** The signature of `hello` by the key of the book, as the book prints it. */
export const SIGNATURE_OF_HELLO = [
  95, 215, 84, 162, 41, 169, 4, 227, 39, 241, 140, 48, 65, 236, 149, 58, 146, 109, 35, 77, 1, 85, 7, 44, 186, 226, 174,
  250, 173, 210, 216, 163, 216, 35, 100, 178, 130, 13, 37, 8, 70, 150, 212, 194, 137, 40, 247, 7, 208, 108, 178, 192,
  86, 219, 53, 104, 166, 51, 186, 100, 27, 15, 3, 3,
];

/** The same as hex. */
export const SIGNATURE_HEX = Buffer.from(SIGNATURE_OF_HELLO).toString('hex');

/** A key whose halves do not belong together, as hex. */
export const MISMATCHED_KEY =
  'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
  '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9e';

/**
 * One server and one browser for the tests of a file.
 */
export function browserForTests() {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {import('../server.mjs').PageServer} */
  let server;
  before(async () => {
    browser = await launchChromium();
    server = await startServer();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /**
   * Opens a page of its own for `work`. Whatever is printed as an error, thrown, not found, or asked of another server
   * fails the test.
   *
   * @param {string} path
   * @param {(page: import('playwright-core').Page, lines: (count: number) => Promise<unknown[][]>) => Promise<void>} work
   *   is given the page, and what waits for so many lines on its console
   * @param {Record<string, { contentType: string, body: string }>} [served] by the test in the place of a server, by URL
   *   or by path
   */
  async function open(path, work, served = {}) {
    const context = await browser.newContext();
    const page = await context.newPage();
    /** @type {string[]} */
    const wrong = [];
    /** @type {Promise<unknown[]>[]} */
    const printing = [];
    page.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) wrong.push(message.text());
      else printing.push(Promise.all(message.args().map((value) => value.jsonValue())));
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(`${server.origin}/`) || request.url() in served;
      if (!isOurs) wrong.push(`asked ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()} for ${response.url()}`);
    });
    for (const [url, response] of Object.entries(served)) {
      await page.route(new URL(url, server.origin).href, (route) => route.fulfill(response));
    }
    try {
      await page.goto(server.origin + path);
      await work(page, async (count) => {
        for (let wait = 0; printing.length < count && wait < 1200; wait += 1) await page.waitForTimeout(50);
        return Promise.all(printing);
      });
    } catch (error) {
      if (wrong.length > 0) throw new Error(`on the page: ${wrong.join('; ')}`, { cause: error });
      throw error;
    } finally {
      await context.close();
    }
    assert.deepEqual(wrong, [], 'nothing goes wrong on the page');
  }
  return { open };
}
