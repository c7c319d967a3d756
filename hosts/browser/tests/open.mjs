// A server, a browser and pages that note whatever goes wrong on them, for every test here.

import { after, before } from 'node:test';

import { launchChromium } from '../chromium.mjs';
import { startServer } from '../server.mjs';
import { visit, wrongOn } from './visit.mjs';

/** Lines on the console that are wrong. */
const WRONG = ['error', 'warning', 'assert'];

/** One server and one browser for the tests of a file. */
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
    const page = await browser.newPage();
    const wrong = wrongOn(page, server.origin, { kinds: WRONG, served });
    /** @type {Promise<unknown[]>[]} */
    const printing = [];
    page.on('console', (message) => {
      if (!WRONG.includes(message.type())) printing.push(Promise.all(message.args().map((value) => value.jsonValue())));
    });
    for (const [url, response] of Object.entries(served)) {
      await page.route(new URL(url, server.origin).href, (route) => route.fulfill(response));
    }
    const lines = async (/** @type {number} */ count) => {
      for (let wait = 0; printing.length < count && wait < 1200; wait += 1) await page.waitForTimeout(50);
      return Promise.all(printing);
    };
    await visit(page, wrong, server.origin + path, () => work(page, lines));
  }
  return { open };
}
