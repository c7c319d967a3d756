// A page in either browser, for tests that speak to it only through `evaluate` and the keyboard, which playwright and
// puppeteer have alike.

import assert from 'node:assert/strict';

import { wrongOn } from './visit.mjs';

/** In milliseconds, for whatever a page is waited for. */
const LIMIT = 120_000;

/**
 * What the tests need of a page.
 *
 * @typedef {object} Page
 * @property {(url: string) => Promise<unknown>} goto
 * @property {<Result, Arguments extends unknown[]>(work: (...args: any) => Result, ...args: Arguments) => Promise<any>} evaluate
 * @property {(key: string) => Promise<unknown>} press a key
 * @property {(size: { width: number, height: number }) => Promise<unknown>} resize
 * @property {((scheme: 'light' | 'dark') => Promise<unknown>) | undefined} scheme of colours, where the driver can set it
 * @property {string[]} wrong what went wrong on it so far
 * @property {() => Promise<unknown>} close
 *
 * @typedef {{ newPage(origin: string): Promise<Page>, close(): Promise<unknown> }} Browser
 */

/**
 * @param {any} page of playwright or puppeteer
 * @param {string} origin
 * @param {string[]} kinds of lines on the console that are wrong
 * @returns {Page}
 */
const neutral = (page, origin, kinds) => ({
  goto: (url) => page.goto(url),
  // playwright passes one argument: here it is a list of them, and the function comes as text.
  evaluate: (work, ...args) => page.evaluate(`(${work})(...${JSON.stringify(args)})`),
  press: (key) => page.keyboard.press(key),
  resize: (size) => (page.setViewportSize ?? page.setViewport).call(page, size),
  scheme: page.emulateMedia && ((colorScheme) => page.emulateMedia({ colorScheme })),
  wrong: wrongOn(page, origin, { kinds }),
  close: () => page.close(),
});

/** @type {Record<'Chromium' | 'Firefox', () => Promise<Browser>>} Firefox needs the newer Node, as its driver does */
export const LAUNCH = {
  async Chromium() {
    const { launchChromium } = await import('../chromium.mjs');
    const browser = await launchChromium();
    return {
      newPage: async (origin) => neutral(await browser.newPage(), origin, ['error', 'warning', 'assert']),
      close: () => browser.close(),
    };
  },
  async Firefox() {
    const { launchFirefox } = await import('../firefox.mjs');
    const browser = await launchFirefox();
    return {
      newPage: async (origin) => neutral(await browser.newPage(), origin, ['error']),
      close: () => browser.close(),
    };
  },
};

/**
 * Waits until `work` gives something on the page, and gives that.
 *
 * @param {Page} page
 * @param {(...args: any) => unknown} work
 * @param {unknown[]} args
 */
export async function until(page, work, ...args) {
  for (const end = Date.now() + LIMIT; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const result = await page.evaluate(work, ...args);
    if (result) return result;
  }
  const text = await page.evaluate(() => document.body.textContent);
  throw new Error(`waited in vain; the page says: ${text}; ${page.wrong.join('; ')}`);
}

/** Expects that nothing is wider than the page, and that all which can be used has a name. */
export async function expectFitting(/** @type {Page} */ page, /** @type {string} */ selector) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  const nameless = await page.evaluate((selector) => {
    const hasName = (/** @type {HTMLInputElement} */ item) =>
      (item.tagName !== 'TEXTAREA' && item.textContent?.trim()) ||
      item.getAttribute('aria-label') ||
      item.labels?.length ||
      item.querySelector('caption');
    return [...document.querySelectorAll(selector)].filter((item) => !hasName(item)).map((item) => item.outerHTML);
  }, selector);
  assert.deepEqual(nameless, []);
}
