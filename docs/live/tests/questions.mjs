// The questions of a page, in any browser: a small book that mdBook builds as it builds this one, and with `BOOK=target/book`
// every page of the built book that has questions.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { expectFitting, LAUNCH, until } from '../../../hosts/browser/tests/any-page.mjs';
import { serveFolder } from './page.mjs';

/** @typedef {import('../../../hosts/browser/tests/any-page.mjs').Page} Page */

const DOCS = fileURLToPath(new URL('../../', import.meta.url));
const MDBOOK = path.join(DOCS, '../target/tools/bin/mdbook');

const PAGES = {
  'SUMMARY.md': '# Summary\n\n- [One](one.md)\n- [Two](two.md)\n',
  'one.md': `# One

\`\`\`question,choice,id=sum
What is \`1 + 1\`?

- [ ] \`11\`
  Those are *strings*.
- [x] \`2\`
  As at [school](two.md).
- [ ] \`3\`
  No.

$ echo 2
\`\`\`

\`\`\`question,short,id=thousand
How much is 10 × 100?

- [x] 1000
  Ten hundreds.
- [ ] 110
  That is the sum.

$ echo 1000
\`\`\`
`,
  'two.md': `# Two

\`\`\`\`question,choice,id=code
What does it print?

\`\`\`js
    console.log('a long line, so that it has to scroll on a phone, a long line, so that it has to scroll on a phone');
    1 < 2;
\`\`\`

- [x] Yes
  Why.
- [ ] No
  Why.

$ echo Yes
\`\`\`\`
`,
};

/** @returns {Promise<string>} the folder of a small book, built with this book's own settings and theme */
async function buildSmallBook() {
  if (!existsSync(MDBOOK)) throw new Error('there is no mdBook under target/tools: docs/build.sh setup gets it');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'everyhost-questions-'));
  await mkdir(path.join(folder, 'src'));
  await copyFile(path.join(DOCS, 'book.toml'), path.join(folder, 'book.toml'));
  for (const name of ['theme', 'tool']) await symlink(path.join(DOCS, name), path.join(folder, name));
  for (const [name, text] of Object.entries(PAGES)) await writeFile(path.join(folder, 'src', name), text);
  const built = path.join(folder, 'book');
  execFileSync(MDBOOK, ['build', folder, '--dest-dir', built], { env: { ...process.env, MDBOOK_LOG: 'warn' } });
  await mkdir(path.join(built, 'live'));
  await writeFile(path.join(built, 'live/index.mjs'), '');
  return folder;
}

/** @param {keyof typeof LAUNCH} name of the browser */
export function testQuestions(name) {
  /** @type {import('../../../hosts/browser/tests/any-page.mjs').Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof serveFolder>>} */
  let server;
  let folder = '';
  before(async () => {
    folder = await buildSmallBook();
    server = await serveFolder(path.join(folder, 'book'));
    browser = await LAUNCH[name]();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** @type {(title: string, work: (page: Page, open: (file: string) => Promise<void>) => Promise<void>) => void} */
  const onPage = (title, work) => {
    test(`${name}: ${title}`, async () => {
      const page = await browser.newPage(server.origin);
      const open = async (/** @type {string} */ file) => {
        await until(page, fontsAreHere);
        await page.goto(`${server.origin}/book/${file}`);
        await until(page, ready);
      };
      try {
        await open('one.html');
        await page.evaluate(() => localStorage.clear());
        await open('one.html');
        await work(page, open);
        assert.deepEqual(page.wrong, [], 'nothing goes wrong on the page');
      } finally {
        await page.close();
      }
    });
  };

  onPage('an answer is said to be right, or why it is wrong', async (page) => {
    assert.equal(await answer(page, 'sum', undefined), 'Choose an answer first.');
    assert.equal(await answer(page, 'sum', '0'), '✗ Not right. Those are strings.');
    assert.equal(await answer(page, 'sum', '2'), '✗ Not right. No.');
    assert.equal(await answer(page, 'sum', '1'), '✓ Right. As at school.');
    assert.equal(
      await page.evaluate(() => document.querySelector('.question-said a')?.getAttribute('href')),
      'two.html',
    );
    assert.equal(await answer(page, 'thousand', undefined), 'Write an answer first.');
    assert.equal(await answer(page, 'thousand', ' 110 '), '✗ Not right. That is the sum.');
    assert.equal(await answer(page, 'thousand', '7'), '✗ Not right. Try again, or open the answer below.');
    assert.equal(await answer(page, 'thousand', '1,000'), '✓ Right. Ten hundreds.');
  });

  onPage('what was right is kept over pages, and reset', async (page, open) => {
    assert.match(await progress(page), /^Answered right: 0 of 2 on this page, 0 of 3 in the book\./);
    await answer(page, 'sum', '0');
    assert.match(await progress(page), /^Answered right: 0 of 2/);
    await answer(page, 'sum', '1');
    assert.match(await progress(page), /^Answered right: 1 of 2 on this page, 1 of 3 in the book\./);
    // One who was right may look at the wrong ones.
    await answer(page, 'sum', '0');
    await open('two.html');
    assert.match(await progress(page), /^Answered right: 0 of 1 on this page, 1 of 3 in the book\./);
    await answer(page, 'code', '0');
    await open('one.html');
    assert.match(await progress(page), /^Answered right: 1 of 2 on this page, 2 of 3 in the book\./);
    assert.deepEqual(await states(page), ['right', 'open']);
    await reset(page, 'Reset this page');
    assert.deepEqual(await states(page), ['open', 'open']);
    assert.match(await progress(page), /^Answered right: 0 of 2 on this page, 1 of 3 in the book\./);
    await reset(page, 'Reset the whole book');
    assert.match(await progress(page), /^Answered right: 0 of 2 on this page, 0 of 3 in the book\./);
    assert.equal(await page.evaluate(() => localStorage.getItem('everyhost-questions')), '{}');
  });

  onPage('what is stored and no longer ours does no harm', async (page, open) => {
    for (const stored of ['no JSON', 'null', '[1]', '"x"', '{"sum":"maybe","gone":"right"}']) {
      await page.evaluate((/** @type {string} */ text) => localStorage.setItem('everyhost-questions', text), stored);
      await open('one.html');
      assert.match(await progress(page), /^Answered right: 0 of 2 on this page, 0 of 3 in the book\./, stored);
      assert.match(await answer(page, 'sum', '1'), /^✓ Right/);
      assert.match(await progress(page), /^Answered right: 1 of 2/);
    }
  });

  onPage('the keyboard alone is enough, and turns no page', async (page) => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#question-sum input')).focus());
    await page.press(' ');
    await page.press('ArrowRight'); // mdBook: the next page
    await page.press('Tab');
    await page.press('Enter');
    assert.equal(await until(page, saidOf, 'sum'), '✓ Right. As at school.');
    await page.press('Tab'); // the link in what is said
    await page.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'SUMMARY');
    await page.press('Enter');
    assert.ok(await page.evaluate(() => document.querySelector('details')?.open));
    await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#question-thousand input')).focus());
    for (const key of ['1', '0', '0', '0', 's', 'Backspace', 'ArrowLeft', 'Enter']) await page.press(key); // s: mdBook searches
    assert.equal(await until(page, saidOf, 'thousand'), '✓ Right. Ten hundreds.');
    assert.match(await page.evaluate(() => location.pathname), /one\.html$/);
  });

  onPage('every part has a role and a name', async (page) => {
    const seen = await page.evaluate(() =>
      [...document.querySelectorAll('.question')].map((question) => ({
        group: question.querySelector('fieldset > legend')?.textContent,
        labels: [...question.querySelectorAll('input')].map((input) => input.labels?.[0].textContent),
        says: question.querySelector('.question-said')?.getAttribute('role'),
      })),
    );
    assert.deepEqual(seen, [
      { group: 'What is 1 + 1?', labels: ['11', '2', '3'], says: 'status' },
      { group: 'How much is 10 × 100?', labels: ['Your answer'], says: 'status' },
    ]);
  });

  onPage('everything fits a phone, and code is at the margin', async (page, open) => {
    await page.resize({ width: 390, height: 844 });
    for (const file of ['one.html', 'two.html']) {
      await open(file);
      await expectFitting(page, '.question :is(button, input), .question-progress button');
    }
    // mdBook's own button in the code is none of the form's.
    assert.equal(await page.evaluate(() => document.querySelectorAll('form button').length), 1);
    const labelled = await page.evaluate(() => {
      const name = document.querySelector('fieldset')?.getAttribute('aria-labelledby') ?? '';
      return document.getElementById(name)?.textContent;
    });
    assert.equal(labelled, 'What does it print?');
    assert.match(
      await page.evaluate(() => document.querySelector('.question pre')?.textContent),
      /^console[^]*\n1 < 2;/,
    );
  });

  test(`${name}: without script the choices and the answers can be read`, async () => {
    const html = await readFile(path.join(folder, 'book/one.html'), 'utf8');
    const page = await browser.newPage(server.origin);
    try {
      await page.goto(`${server.origin}/book/live/index.mjs`);
      // A parsed page runs no scripts.
      const seen = await page.evaluate((/** @type {string} */ text) => {
        const question = new DOMParser().parseFromString(text, 'text/html').querySelector('.question');
        return [
          question?.querySelectorAll('button').length,
          question?.querySelector('details summary')?.textContent,
          question?.querySelector('details li')?.textContent,
        ];
      }, html);
      assert.deepEqual(seen, [0, 'The answer', 'Right: 2As at school.']);
    } finally {
      await page.close();
    }
  });

  const book = process.env.BOOK;
  if (book !== undefined) {
    test(`${name}: every question of the built book works`, async () => {
      const served = await serveFolder(book, 'class="question"');
      try {
        assert.ok(served.pages.length > 0, `no page of ${book} has a question`);
        const page = await browser.newPage(served.origin);
        for (const url of served.pages) {
          await until(page, fontsAreHere);
          await page.goto(served.origin + url);
          await until(page, ready);
          const seen = await page.evaluate(answerAll);
          assert.ok(seen.length > 0, url);
          for (const said of seen) assert.match(said, /^✓ Right\. ./, url);
          assert.match(await progress(page), /^Answered right: (\d+) of \1 on this page/, url);
        }
        assert.match(await progress(page), / (\d+) of \1 in the book/);
        assert.deepEqual(page.wrong, []);
        await page.close();
      } finally {
        await served.close();
      }
    });
  }
}

/** Firefox calls a font an error that is no longer waited for because the page is left. */
const fontsAreHere = () => document.fonts.status === 'loaded';

const ready = () => {
  const all = [...document.querySelectorAll('.question')];
  return all.length > 0 && all.every((/** @type {any} */ question) => 'ready' in question.dataset);
};

/** @type {(id: string) => string | undefined} */
const saidOf = (id) => document.querySelector(`#question-${id} .question-said`)?.textContent || undefined;

/** Gives the right answer to every question of the page. */
const answerAll = () =>
  [...document.querySelectorAll('.question')].map((question) => {
    const right = /** @type {HTMLElement} */ (question.querySelector('[data-right]'));
    const value = right.dataset.choice;
    const input = /** @type {HTMLInputElement} */ (
      question.querySelector(`input[type=radio][value="${value}"], input[type=text]`)
    );
    if (input.type === 'radio') input.checked = true;
    else input.value = right.dataset.answer ?? '';
    /** @type {HTMLElement} */ (question.querySelector('form button')).click();
    return question.querySelector('.question-said')?.textContent;
  });

/**
 * @param {Page} page
 * @param {string} id
 * @param {string | undefined} given the value of a choice, or what is typed
 * @returns {Promise<string>} what the page says
 */
const answer = (page, id, given) =>
  page.evaluate(
    (/** @type {string} */ id, /** @type {string | null} */ given) => {
      const question = /** @type {HTMLElement} */ (document.querySelector(`#question-${id}`));
      const text = /** @type {HTMLInputElement | null} */ (question.querySelector('input[type=text]'));
      if (given !== null && text) text.value = given;
      if (given !== null && !text)
        /** @type {HTMLInputElement} */ (question.querySelector(`input[value="${given}"]`)).checked = true;
      /** @type {HTMLElement} */ (question.querySelector('form button')).click();
      return question.querySelector('.question-said')?.textContent;
    },
    id,
    given ?? null,
  );

const progress = (/** @type {Page} */ page) =>
  page.evaluate(() => document.querySelector('.question-progress p')?.textContent);

const states = (/** @type {Page} */ page) =>
  page.evaluate(() => [...document.querySelectorAll('.question')].map((/** @type {any} */ each) => each.dataset.state));

const reset = (/** @type {Page} */ page, /** @type {string} */ label) =>
  page.evaluate((/** @type {string} */ label) => {
    const buttons = [...document.querySelectorAll('.question-progress button')];
    /** @type {HTMLElement} */ (buttons.find((button) => button.textContent === label)).click();
  }, label);
