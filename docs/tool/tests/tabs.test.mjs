// docs/theme/tabs.js in Chromium: roles, keys, memory over pages, no script, and print.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launchChromium } from '../../../hosts/browser/chromium.mjs';

const theme = (/** @type {string} */ name) => readFileSync(new URL(`../../theme/${name}`, import.meta.url), 'utf8');
const group = (/** @type {string[]} */ names) =>
  `<div class="tabs">${names.map((name) => `<section data-tab="${name}"><p>${name}!</p><h3 id="${name}">x</h3></section>`).join('')}</div>`;
const ORIGIN = 'http://book.test';
const HTML = `<!doctype html><title>Tabs</title><style>${theme('tabs.css')}</style>
${group(['Rust', 'Python', 'Go'])}${group(['Python', 'Rust'])}<script>${theme('tabs.js')}</script>`;

/** @type {Awaited<ReturnType<typeof launchChromium>>} */
let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

/** @param {Parameters<typeof browser.newContext>[0]} [options] */
async function context(options) {
  const made = await browser.newContext(options);
  // Nothing is asked of a network: every address is this page.
  await made.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: HTML }));
  return made;
}

/** @param {Awaited<ReturnType<typeof browser.newPage>>} page */
const shown = (page) => page.locator('section:visible').evaluateAll((all) => all.map((each) => each.dataset.tab));

test('a click shows one panel in every group, and the next page remembers it', async () => {
  const reader = await context();
  const page = await reader.newPage();
  await page.goto(`${ORIGIN}/one`);
  assert.deepEqual(await shown(page), ['Rust', 'Python']);
  await page.getByRole('tab', { name: 'Python' }).first().click();
  assert.deepEqual(await shown(page), ['Python', 'Python']);
  await page.goto(`${ORIGIN}/two`);
  assert.deepEqual(await shown(page), ['Python', 'Python']);
  await page.getByRole('tab', { name: 'Go' }).click();
  assert.deepEqual(await shown(page), ['Go', 'Python']);
  await reader.close();
});

test('keys move between the tabs, and one tab of a group takes the focus', async () => {
  const reader = await context();
  const page = await reader.newPage();
  await page.goto(`${ORIGIN}/`);
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  assert.equal(await focused(), 'Rust');
  for (const [key, name] of Object.entries({ ArrowRight: 'Python', End: 'Go', ArrowLeft: 'Python', Home: 'Rust' })) {
    await page.keyboard.press(key);
    assert.equal(await focused(), name);
    assert.deepEqual((await shown(page))[0], name);
  }
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'Go');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'tabpanel');
  await reader.close();
});

test('roles and names are those of the pattern', async () => {
  const reader = await context();
  const page = await reader.newPage();
  await page.goto(`${ORIGIN}/`);
  assert.equal(await page.getByRole('tablist', { name: 'Language' }).count(), 2);
  assert.equal(await page.getByRole('tab', { name: 'Rust', selected: true }).count(), 1);
  assert.equal(await page.getByRole('tabpanel', { name: 'Rust' }).count(), 1);
  await reader.close();
});

test('an address inside of a panel shows that panel', async () => {
  const reader = await context();
  const page = await reader.newPage();
  await page.goto(`${ORIGIN}/#Go`);
  assert.deepEqual(await shown(page), ['Go', 'Python']);
  await reader.close();
});

test('without script, and in print, every panel is shown under its name', async () => {
  const names = ['Rust', 'Python', 'Go', 'Python', 'Rust'];
  const plain = await context({ javaScriptEnabled: false });
  const still = await plain.newPage();
  await still.goto(`${ORIGIN}/`);
  assert.equal(await still.locator('section:visible').count(), names.length);
  await plain.close();

  const reader = await context();
  const page = await reader.newPage();
  await page.goto(`${ORIGIN}/`);
  await page.emulateMedia({ media: 'print' });
  assert.deepEqual(await shown(page), names);
  assert.equal(await page.getByRole('tablist').count(), 0);
  const titles = await page
    .locator('section')
    .evaluateAll((all) => all.map((each) => getComputedStyle(each, '::before').content));
  assert.deepEqual(
    titles,
    names.map((name) => `"${name}"`),
  );
  await reader.close();
});
