// What goes wrong on a page fails its test. Playwright's pages and puppeteer's are alike in what is used here.

import assert from 'node:assert/strict';

/**
 * Notes whatever is printed as an error, thrown, not found, or asked of another server.
 *
 * @param {any} page
 * @param {string} origin of the server
 * @param {object} [more]
 * @param {string[]} [more.kinds] of lines on the console that are wrong
 * @param {object} [more.served] what the test serves itself, by URL
 * @returns {string[]} what went wrong so far
 */
export function wrongOn(page, origin, { kinds = ['error'], served = {} } = {}) {
  /** @type {string[]} */
  const wrong = [];
  page.on('console', (/** @type {any} */ message) => kinds.includes(message.type()) && wrong.push(message.text()));
  page.on('pageerror', (/** @type {Error} */ error) => wrong.push(String(error)));
  page.on('request', (/** @type {any} */ request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && !url.startsWith(`${origin}/`) && !(url in served)) wrong.push(`asked ${url}`);
  });
  page.on('response', (/** @type {any} */ response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} for ${response.url()}`);
  });
  return wrong;
}

/**
 * Opens an address on a page for `work`, and closes it.
 *
 * @param {{ goto: (url: string) => Promise<unknown>, close: () => Promise<unknown> }} page
 * @param {string[]} wrong
 * @param {string} url
 * @param {() => Promise<void>} work
 */
export async function visit(page, wrong, url, work) {
  try {
    await page.goto(url);
    await work();
  } catch (error) {
    if (wrong.length > 0) throw new Error(`on the page: ${wrong.join('; ')}`, { cause: error });
    throw error;
  } finally {
    await page.close();
  }
  assert.deepEqual(wrong, [], 'nothing goes wrong on the page');
}
