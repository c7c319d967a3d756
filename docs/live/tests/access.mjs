// Every page of the built book with axe, which finds what keeps a page from keyboards, screen readers and weak eyes. Each page is
// looked at once, in a theme and a width that change from page to page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { LAUNCH } from '../../../hosts/browser/tests/any-page.mjs';
import { serveFolder } from './page.mjs';

const require = createRequire(new URL('../../../hosts/browser/tests/', import.meta.url));

const THEMES = ['light', 'navy', 'rust', 'coal', 'ayu'];

/** A tall one, so that mdBook's bars stay off what is looked at. */
const SIZES = [
  { width: 1280, height: 1200 },
  { width: 390, height: 844 },
];

/** mdBook's label for the sidebar works as a button, and is none. */
const OPTIONS = { resultTypes: ['violations'], rules: { 'aria-allowed-role': { enabled: false } } };

/** @param {string} folder of the built book */
export function testAccess(folder) {
  test('axe finds nothing on any page of the built book', async (test) => {
    const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
    // A page that has moved has no such element.
    const server = await serveFolder(folder, '<main>');
    const browser = await LAUNCH.Chromium();
    try {
      assert.ok(server.pages.length > 30, 'the book has its pages');
      for (const [at, url] of server.pages.sort().entries()) {
        const theme = THEMES[at % THEMES.length];
        const size = SIZES[at % SIZES.length];
        await test.test(`${url}, ${theme}, ${size.width} wide`, async () => {
          const page = await browser.newPage(server.origin);
          try {
            await page.resize(size);
            // The theme is read before anything is shown.
            await page.goto(`${server.origin}${url}`);
            await page.evaluate((theme) => localStorage.setItem('mdbook-theme', theme), theme);
            await page.goto(`${server.origin}${url}`);
            // Run as text: the page's policy is the server's, not the test's.
            await page.evaluate((source) => (0, eval)(source) ?? null, axe);
            const found = await page.evaluate(async (options) => {
              const { violations } = await /** @type {any} */ (globalThis).axe.run(options);
              return violations.map(
                (/** @type {any} */ { id, nodes }) =>
                  `${id}: ${nodes[0].html.slice(0, 150)} (${nodes.length} times; ${nodes[0].failureSummary.slice(0, 200)})`,
              );
            }, OPTIONS);
            assert.deepEqual(found, []);
          } finally {
            await page.close();
          }
        });
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });
}
