// A server, a browser and pages that note whatever goes wrong on them, for every test here.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { launchChromium } from '../chromium.mjs';
import { startServer } from '../server.mjs';

/**
 * One server and one browser for the tests of a file.
 *
 * @param {Iterable<[url: string, file: string]>} [files] more files to serve, by their path in the URL
 */
export function browserForTests(files = []) {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {import('../server.mjs').PageServer} */
  let server;
  before(async () => {
    browser = await launchChromium();
    server = await startServer();
    for (const [url, file] of files) server.files.set(url, file);
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
