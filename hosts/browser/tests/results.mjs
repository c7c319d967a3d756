// The site that `everyhost publish` writes, in either browser, from a file server and from disk. The server forbids every script.
// RESULTS=DIR tests an existing site instead of one made here.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { fileIn, listenLocally } from '../http.mjs';
import { LAUNCH } from './any-page.mjs';
import { visit } from './visit.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A function that loads axe. It is the text that `evaluate` takes: what a page evaluates itself, its policy forbids. */
const AXE = /** @type {() => void} */ (/** @type {unknown} */ (`() => { ${axe} }`));

/** Pictures and styles, and nothing else. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:";

/** Adds two numbers: `add`. */
const WASM = Buffer.from('AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=', 'base64');

/** @param {number} wrong what the last case adds to its sum */
function suite(wrong) {
  const cases = [1, 2, 3].map((n) => ({
    id: `add/${n}`,
    op: 'raw',
    in: { steps: [{ do: 'call', export: 'add', args: [{ i32: n }, { i32: 10 }] }] },
    flags: n === 3 ? ['Last'] : [],
    expect: { ok: { steps: [{ ok: { results: [{ i32: n + 10 + (n === 3 ? wrong : 0) }] } }] } },
  }));
  const source = { name: 'arithmetic', licence: 'CC0-1.0' };
  return {
    schema: 'everyhost/vectors/1',
    suite: 'add',
    face: 'own',
    count: 3,
    source,
    flags: { Last: 'it is the last' },
    cases,
  };
}

/** Three runs of a module on Node: all right, one wrong, all right; as a site. */
function makeSite(/** @type {string} */ folder) {
  const everyhost = (/** @type {string[]} */ ...args) => {
    const run = spawnSync(path.join(ROOT, 'target/debug/everyhost'), args, { cwd: folder, encoding: 'utf8' });
    assert.ok(run.status === 0 || run.status === 1, `${run.error ?? ''}${run.stderr}`);
  };
  const module = path.join(folder, 'sums.wasm');
  writeFileSync(module, WASM);
  const reports = [0, 1, 0].map((wrong, at) => {
    const vectors = mkdtempSync(path.join(folder, 'vectors-'));
    writeFileSync(path.join(vectors, 'add.json'), JSON.stringify(suite(wrong)));
    const report = path.join(folder, `report-${at}`);
    everyhost('--root', ROOT, 'run', '--host', 'node', '--module', module, '--vectors', vectors, '--report', report);
    return report;
  });
  everyhost('publish', ...reports, '--out', path.join(folder, 'site'));
  return path.join(folder, 'site');
}

/** @type {(which: 'Chromium' | 'Firefox') => void} */
export function testResults(which) {
  const folder = mkdtempSync(path.join(tmpdir(), 'everyhost-results-'));
  /** @type {string} */
  let site;
  /** @type {import('./any-page.mjs').Browser} */
  let browser;
  /** @type {import('../http.mjs').LocalServer} */
  let server;
  before(async () => {
    site = process.env.RESULTS ? path.resolve(ROOT, process.env.RESULTS) : makeSite(folder);
    browser = await LAUNCH[which]();
    const find = async (/** @type {string} */ pathname) => {
      const file = await fileIn(site, pathname.slice(1));
      return file ? { file } : { missing: pathname };
    };
    server = await listenLocally({ port: 0, policy: POLICY, find });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  /** @type {(at: string, work: (page: import('./any-page.mjs').Page) => Promise<void>, origin?: string, url?: string) => Promise<void>} */
  async function open(at, work, origin = server.origin, url = `${origin}/${at}`) {
    const page = await browser.newPage(origin);
    await visit(page, page.wrong, url, () => work(page));
  }
  const first = (/** @type {string} */ kind) => `${kind}/${readdirSync(path.join(site, kind)).sort()[0]}`;
  const pages = () => ['index.html', first('hosts'), first('modules'), first('cases')];

  test(`${which}: results are read from the disk, without a server`, async () => {
    await open(
      'index.html',
      async (page) => {
        const seen = await page.evaluate(() => ({
          title: document.querySelector('h1')?.textContent,
          badge: /** @type {HTMLImageElement} */ (document.querySelector('img')).naturalWidth,
          rows: document.querySelectorAll('table.history tbody tr').length,
        }));
        assert.match(seen.title, /^[✓!] (Green|Red): [\d,]+ right, /);
        assert.ok(seen.badge > 50 && seen.rows >= 2, JSON.stringify(seen));
        // A report's page is found from here, and its list of answers works.
        const href = await page.evaluate(
          () => /** @type {HTMLAnchorElement} */ (document.querySelector('#\\~reports ~ .scroll th a')).href,
        );
        assert.match(href, /^file:.*\/reports\/[^/]+\/index\.html$/);
        await page.goto(href);
        assert.match(await page.evaluate(() => document.querySelector('#count')?.textContent), /answers? fit/);
        assert.ok(await page.evaluate(() => document.querySelector('footer a[href="../../index.html"]') !== null));
      },
      'file://',
      pathToFileURL(path.join(site, 'index.html')).href,
    );
  });

  test(`${which}: a case has an address, and is shown at it`, async () => {
    await open(first('cases'), async (page) => {
      const ids = await page.evaluate(() => [...document.querySelectorAll('tr[id]')].map(({ id }) => id));
      const last = ids.at(-1);
      await page.goto(await page.evaluate((id) => new URL(`#${id}`, location.href).href, last));
      const { is, top } = await page.evaluate(() => {
        const shown = document.querySelector(':target');
        return { is: shown?.id, top: shown?.getBoundingClientRect().top };
      });
      assert.equal(is, last);
      const height = await page.evaluate(() => innerHeight);
      assert.ok(top >= 0 && top < height, `at ${top} of ${height}`);
    });
  });

  test(`${which}: every page of results is clear to a screen reader, and fits a phone`, async () => {
    /** @type {string[][]} */
    const all = pages().map((at) => [at]);
    if (!process.env.RESULTS) {
      // A report's own page has a script, which the server forbids. That of everything is large: axe takes a minute for it.
      const [report] = readdirSync(path.join(site, 'reports'));
      all.push([`reports/${report}/index.html`, 'file://', pathToFileURL(site).href]);
    }
    for (const [at, origin, base = server.origin] of all) {
      const look = async (/** @type {import('./any-page.mjs').Page} */ page) => {
        for (const scheme of page.scheme ? /** @type {const} */ (['light', 'dark']) : [undefined]) {
          if (scheme) await page.scheme?.(scheme);
          await page.evaluate(AXE);
          const { violations, passes } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
          const told = violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes[0].html}`);
          assert.deepEqual(told, [], `${at}, ${scheme}`);
          assert.ok(passes.length > 10, 'axe has looked at the page');
        }
        await page.resize({ width: 360, height: 740 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${at} is ${wide} px too wide`);
      };
      await open(at, look, origin, `${base}/${at}`);
    }
  });

  test(`${which}: the keyboard reaches what a page has`, async () => {
    await open('index.html', async (page) => {
      await page.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the results');
      await page.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Hosts over time');
    });
  });

  test(`${which}: what changed leads to the case`, { skip: Boolean(process.env.RESULTS) }, async () => {
    await open('index.html', async (page) => {
      const told = await page.evaluate(() => document.querySelector('#\\~changes')?.parentElement?.textContent ?? '');
      assert.match(told, /node with sums: right before, fail .* now: add\/3/s);
      assert.match(told, /node with sums: fail .* before, right now: add\/3/s);
      const href = await page.evaluate(
        () => [...document.querySelectorAll('a')].find(({ textContent }) => textContent === 'add/3')?.href,
      );
      assert.match(href, /cases\/add\.html#add\/3$/);
      await page.goto(href);
      const shown = await page.evaluate(() => document.querySelector(':target')?.textContent);
      assert.match(shown, /add\/3 Last\s*right, 1 of 1/);
    });
  });
}
