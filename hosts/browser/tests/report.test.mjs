// The page of a report: its filters, its list, and that it reads well on a phone and by a screen reader. The tool makes
// the page, from vectors of which one expects a wrong sum.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browserForTests } from './open.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'everyhost-report-'));
after(() => rmSync(folder, { recursive: true }));

const suite = JSON.parse(readFileSync(join(root, 'vectors/add.json'), 'utf8'));
const wrong = suite.cases.find((/** @type {any} */ { flags }) => flags.includes('OverTheTop'));
wrong.expect.ok.value = 7;
writeFileSync(join(folder, 'add.json'), JSON.stringify(suite));
const flagged = suite.cases.filter((/** @type {any} */ { flags }) => flags.includes('OverTheTop')).length;

// Natively, add-raw and add-bindgen.
const ran = 3;
const args = ['run', '--host', 'native', '--host', 'node', '--vectors', folder, '--report', join(folder, 'report')];
const run = spawnSync(join(root, 'target/debug/everyhost'), args, { cwd: root, encoding: 'utf8' });
assert.equal(run.status, 1, `${run.error ?? ''}${run.stderr}`);
const html = readFileSync(join(folder, 'report/index.html'), 'utf8');

const { open } = browserForTests();

/**
 * Opens the page, with another body if one is given.
 *
 * @param {(page: import('playwright-core').Page) => Promise<void>} work
 * @param {string} [address] what follows the path
 * @param {string} [body]
 */
const openReport = (work, address = '', body = html) =>
  open(`/report.html${address}`, work, {
    '/report.html': { contentType: 'text/html; charset=utf-8', body },
    [`/report.html${address}`]: { contentType: 'text/html; charset=utf-8', body },
  });

/** @param {import('playwright-core').Page} page */
const count = (page) => page.locator('#count').textContent();

test('a red report opens with what is red, and tells the first', () =>
  openReport(async (page) => {
    assert.equal(await count(page), `${ran} answers fit, 0 passed.`);
    assert.equal(await page.locator('[name=verdict]').inputValue(), 'not-pass');
    const told = await page.locator('tr.told').first().innerText();
    for (const term of ['Given', 'Expected', 'Actual', 'OverTheTop', 'Run again']) assert.ok(told.includes(term), term);
    assert.match(told, /run --host native --module native --case adder\/add\//);
  }));

test('filters narrow the list, and are kept in the address', () =>
  openReport(async (page) => {
    await page.selectOption('[name=host]', 'native');
    assert.equal(await count(page), '1 answer fits, 0 passed.');
    await page.selectOption('[name=verdict]', '');
    assert.equal(await count(page), `${suite.count} answers fit, ${suite.count - 1} passed.`);
    await page.selectOption('[name=flag]', 'OverTheTop');
    assert.equal(await count(page), `${flagged} answers fit, ${flagged - 1} passed.`);
    assert.match(page.url(), /#host=native&flag=OverTheTop$/);
    await page.selectOption('[name=suite]', 'add');
    await page.fill('[name=case]', 'no such case');
    assert.equal(await count(page), 'No answer fits.');
    assert.equal(await page.locator('#answers').isVisible(), false);
    await page.click('button[type=reset]');
    await page.waitForFunction(
      (text) => document.querySelector('#count')?.textContent === text,
      `${suite.count * ran} answers fit, ${suite.count * ran - ran} passed.`,
    );
    assert.ok(!page.url().includes('host='));
  }));

test('an address with filters opens with them, and a cell of the matrix sets them', () =>
  openReport(async (page) => {
    assert.equal(await page.locator('[name=module]').inputValue(), 'add-raw');
    assert.equal(await count(page), `${suite.count} answers fit, ${suite.count - 1} passed.`);
    // It is far down on the page.
    await page.waitForFunction(() => scrollY > 200);
    await page.click('table.matrix >> nth=1 >> a >> nth=0');
    assert.equal(await page.locator('[name=host]').inputValue(), 'native');
    await page.goBack();
    await page.waitForFunction(() => {
      const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'));
      return form.host.value === 'node';
    });
  }, '#host=node&module=add-raw'));

test('a link of the contents stays in the address', () =>
  openReport(async (page) => {
    await page.click('nav >> text=Suites');
    await page.waitForFunction(() => scrollY > 200);
    assert.match(page.url(), /#suites$/);
  }));

test('a case that passed shows what it was given', () =>
  openReport(async (page) => {
    const { id, in: input, expect } = suite.cases.find((/** @type {any} */ each) => each !== wrong);
    await page.click('#answers th button >> nth=0');
    const told = await page.locator('tr.told').first().innerText();
    assert.ok(told.includes(`add {"a":${input.a},"b":${input.b}}`), told);
    assert.ok(told.includes(JSON.stringify(expect)), told);
    assert.equal(await page.locator('#answers th code').first().innerText(), id);
  }, '#verdict=pass'));

test('every host says which bytes it loaded', () =>
  openReport(async (page) => {
    const summary = page.locator('#bytes > summary');
    assert.match(await summary.innerText(), /it is the file/);
    await summary.click();
    const table = page.locator('table.bytes');
    assert.match(await table.innerText(), /node\s+[0-9a-f]{12} same\s+[0-9a-f]{12} same/);
  }));

test('a screen reader finds its way', () =>
  openReport(async (page) => {
    const faults = await page.evaluate(() => {
      const faults = [];
      for (const landmark of ['header', 'main', 'footer']) {
        if (document.querySelectorAll(`body > ${landmark}`).length !== 1) faults.push(`landmark ${landmark}`);
      }
      for (const table of document.querySelectorAll('table')) {
        if (!table.caption?.textContent?.trim()) faults.push(`a table without a caption: ${table.className}`);
        for (const th of table.querySelectorAll('th'))
          if (!th.scope) faults.push(`a header without scope: ${th.textContent}`);
      }
      for (const field of document.querySelectorAll('select, input')) {
        if (!(/** @type {HTMLInputElement} */ (field).labels?.length)) faults.push('a field without a label');
      }
      for (const section of document.querySelectorAll('section')) {
        if (!document.getElementById(section.getAttribute('aria-labelledby') ?? ''))
          faults.push('a section without a name');
      }
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      if (new Set(ids).size < ids.length) faults.push('an id that is there twice');
      return faults;
    });
    assert.deepEqual(faults, []);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the results');
  }));

test('nothing but the wide tables scrolls sideways on a phone', () =>
  openReport(async (page) => {
    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  }));

test('a hundred thousand answers are quick and small', () => {
  const ids = Array.from({ length: 4000 }, (_, at) => `suite/part-${at % 40}/case-${at}`);
  const verdicts = ['pass', 'fail'];
  const cells = Array.from({ length: 25 }, (_, row) => ({
    row: `row-${row}`,
    module: 'm',
    suite: 0,
    verdicts: [0, 3999, 1, 1],
  }));
  const odd = Array.from({ length: 400 }, (_, at) => at * 10);
  const data = {
    red: true,
    verdicts,
    suites: [{ name: 's', flags: { Odd: { meaning: 'odd', cases: odd } }, ids }],
    cells,
  };
  const body = html.replace(/(id="data">)[^]*?(<\/script>)/, (_, start, end) => start + JSON.stringify(data) + end);
  assert.ok(body.length < 250_000, `${body.length} bytes`);
  return openReport(
    async (page) => {
      assert.equal(await count(page), '25 answers fit, 0 passed.');
      const took = await page.evaluate(() => {
        const start = performance.now();
        const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'));
        form.verdict.value = '';
        form.dispatchEvent(new Event('input', { bubbles: true }));
        return performance.now() - start;
      });
      assert.equal(await count(page), '100,000 answers fit, 99,975 passed.');
      assert.ok(took < 2000, `${took} ms`);
      await page.selectOption('[name=flag]', 'Odd');
      assert.equal(await count(page), '10,000 answers fit, 10,000 passed.');
    },
    '',
    body,
  );
});
