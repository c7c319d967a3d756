// A sound book is green; a book that is broken in one way is red, and the message names the place.

import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { check } from '../check.mjs';
import { edit, remove, soundBook, write } from './sound.mjs';

const ONE = 'docs/src/walk/one.md';
const TWO = 'docs/src/walk/two.md';
const GREET = 'docs/listings/demo/greet.sh';
const EXERCISE = 'docs/listings/exercises/walk-one-greet';

test('a sound book has no problem', async (t) => {
  assert.equal(String(await check(soundBook(t))), '');
});

/** @type {Record<string, [import('./sound.mjs').Change, RegExp]>} what is broken, how, and the line that has to be said */
const BROKEN = {
  'a misspelt anchor': [
    edit(ONE, ':greet}}', ':greed}}'),
    /^docs\/src\/walk\/one.md:6: .*no anchor greed: it has greet, inner/m,
  ],
  'an empty anchor': [
    edit(GREET, /echo hello\n[^]*?# ANCHOR_END: greet/, '# ANCHOR_END: greet'),
    /one.md:6: anchor greet .* is empty/,
  ],
  'an unclosed anchor': [
    edit(GREET, '# ANCHOR_END: greet\n', ''),
    /one.md:6: anchor greet of .*greet.sh:1 is not closed/,
  ],
  'an anchor that ends before it starts': [
    write(GREET, '# ANCHOR_END: greet\necho\n# ANCHOR: greet\n'),
    /one.md:6: .*not closed/,
  ],
  'an anchor that is there twice': [
    edit(GREET, /$/, '# ANCHOR: greet\n# ANCHOR_END: greet\n'),
    /one.md:6: .*more than once \(lines 1, 7\)/,
  ],
  'a missing file': [remove(GREET), /one.md:6: the included file docs\/listings\/demo\/greet.sh does not exist/],
  'lines instead of an anchor': [edit(ONE, ':greet}}', ':1:2}}'), /one.md:6: .*names lines/],
  'a whole file that has anchors': [edit(ONE, ':greet}}', '}}'), /one.md:6: .*has anchors, which would be shown/],
  'an include of what is built': [
    edit(ONE, 'listings/demo/greet.sh:greet', '../target/x.js'),
    /one.md:6: target\/x.js is built, not committed/,
  ],
  'pasted code': [edit(ONE, /\{\{#include .*greet\}\}/, 'echo pasted'), /one.md:6: pasted code: .*echo pasted/],
  'code in an indented block': [edit(ONE, 'Do it.', '    echo pasted'), /one.md:43: an indented line is a code block/],
  'another way to include': [
    edit(ONE, '{{#include', '{{#rustdoc_include'),
    /one.md:6: not an include as the book has them/,
  ],
  'an include in prose': [edit(ONE, 'Do it.', '{{#include x.txt}}'), /one.md:43: an include outside of a block/],
  'a block without a language': [edit(ONE, '```console', '```'), /one.md:9: the block has no language/],
  'a block that is not closed': [edit(TWO, /```\n$/, ''), /two.md:49: the block is not closed/],
  'an attribute that is none': [
    edit(TWO, 'console,varies', 'console,norun'),
    /two.md:7: a console block knows varies and near and fails, not norun/,
  ],
  'output without a command': [edit(ONE, '$ sh greet.sh\n', ''), /one.md:9: a console block begins with a command/],
  'a path of this machine in an output': [edit(ONE, 'it is me', '/home/me/it'), /one.md:12: a path of one machine/],
  'commands without a folder': [edit(ONE, '<!-- walk: demo -->', ''), /one.md:5: .*no <!-- walk: NAME -->/],
  'a dead link': [
    edit('docs/src/README.md', 'walk/two.md', 'walk/three.md'),
    /README.md:3: dead link: there is no page walk\/three.md/,
  ],
  'a dead heading': [
    edit('docs/src/README.md', '#a-heading-of-two', '#a-heading-of-three'),
    /README.md:3: dead heading: .*#a-heading-of-two/,
  ],
  'a dead picture': [
    edit(ONE, 'dot.svg', 'dots.svg'),
    /one.md:15: dead link: there is no file \.\.\/pictures\/dots.svg/,
  ],
  'a link that leaves the book': [edit(ONE, 'Do it.', '[x](../../../README.md)'), /one.md:43: .*leaves docs\/src/],
  'a link without TLS': [edit('docs/src/README.md', 'https://', 'http://'), /README.md:3: .*not https/],
  'a page that is missing': [remove(TWO), /^docs\/src\/SUMMARY.md:8: docs\/src\/walk\/two.md is missing/m],
  'a page that nobody finds': [
    write('docs/src/walk/lost.md', '# Lost\n'),
    /^docs\/src\/walk\/lost.md: is not in SUMMARY.md/m,
  ],
  'a chapter without exercises': [
    edit(TWO, '## Exercises', '## End'),
    /two.md:45: the page does not end with ## Exercises/,
  ],
  'exercises without a solution': [edit(TWO, '/solution/', '/start/'), /two.md:45: the exercises show no solution/],
  'an exercise without a start': [
    ({ remove, root }) => {
      remove(`${EXERCISE}/start/answer.txt`);
      remove(`${EXERCISE}/check.sh`);
      assert.ok(root);
    },
    /walk-one-greet: the exercise has no check.sh/,
  ],
  'a check that cannot be run': [
    ({ root }) => chmodSync(path.join(root, EXERCISE, 'check.sh'), 0o644),
    /check.sh: is not executable/,
  ],
  'an exercise that no page shows': [
    ({ write }) => {
      write('docs/listings/exercises/x/solution/a', '');
      write('docs/listings/exercises/x/start/a', '');
    },
    /exercises\/x: no page shows the solution/,
  ],
  'a claim whose test is gone': [
    edit('tests/add.rs', 'it_adds', 'it_subtracts'),
    /^docs\/claims.toml:1: adds: there is no it_adds in tests\/add.rs/m,
  ],
  'a claim whose test file is gone': [
    remove('tests/add.rs'),
    /claims.toml:1: adds: the test's file tests\/add.rs is gone/,
  ],
  'a claim without a verdict': [
    edit('docs/claims.toml', 'holds = "yes"\n', ''),
    /claims.toml:1: the claim has no holds/,
  ],
  'a claim that was changed and not written': [
    edit('docs/claims.toml', 'It adds', 'It sums'),
    /^docs\/src\/claims.md:\d+: is not what docs\/claims.toml gives/m,
  ],
  'a figure of a claim that is typed': [
    edit('docs/claims.toml', 'holds = "yes"\n', 'holds = "yes"\nfigure = "102 bytes"\n'),
    /claims.toml:1: adds: the figure 102 is typed/,
  ],
  'a figure of a claim that docs/data does not have': [
    (book) => {
      book.write('docs/data/sizes.json', JSON.stringify({ sizes: [] }));
      book.edit('docs/claims.toml', 'holds = "yes"\n', 'holds = "yes"\nfigure = "{bytes nothing} bytes"\n');
    },
    /^docs\/claims.toml: .*docs\/data has no \{bytes nothing\}/m,
  ],
  'an index of listings without one of them': [
    (book) => {
      book.edit('docs/src/SUMMARY.md', '- [Claims]', '- [Listings](about/listings.md)\n- [Claims]');
      book.write('docs/src/about/listings.md', '# All listings\n');
    },
    /^docs\/src\/about\/listings.md:\d+: is not what /m,
  ],
  'claims that are no TOML': [edit('docs/claims.toml', '"It adds"', 'It adds'), /claims.toml: 4: expected/],
  'a picture that is out of step': [
    edit('docs/pictures/dot.mjs', 'A dot', 'A circle'),
    /^docs\/src\/pictures\/dot.svg: is not what docs\/pictures\/dot.mjs draws/m,
  ],
  'a picture without a description': [
    edit('docs/pictures/dot.mjs', '<desc>A dot</desc>', ''),
    /dot.mjs: prints no <desc/,
  ],
  'a picture that nobody draws': [write('docs/src/pictures/x.svg', '<svg/>'), /x.svg: no script draws it/],
  'a size that is not the built one': [
    ({ write }) => {
      write(
        'docs/data/sizes.json',
        JSON.stringify({ sizes: [{ of: 'everyhost', name: 'm', how: '', bytes: 1, gzip_bytes: 1 }] }),
      );
      write('target/modules/manifest.json', JSON.stringify({ modules: { m: { bytes: 2, gzip_bytes: 1 } } }));
    },
    /sizes.json: m has 2 bytes \(1 gzip\) and not 1 \(1\)/,
  ],
};

for (const [what, [change, said]] of Object.entries(BROKEN)) {
  test(`${what} is told with its place`, async (t) => {
    assert.match(String(await check(soundBook(t, change))), said);
  });
}

test('a page has two to four questions', async (t) => {
  const few = soundBook(t, edit(ONE, /```question,choice,id=one-one[^]*?\n```\n/, ''));
  assert.match(String(await check(few)), /^docs\/src\/walk\/one.md:20: the page has 1 questions: write two to four/m);
  const more = ['a', 'b', 'c'].map(
    (id) => `\`\`\`question,choice,id=${id}\nX?\n\n- [x] 2\n  Y.\n- [ ] 3\n  N.\n\n$ echo 2\n\`\`\`\n`,
  );
  const many = soundBook(t, edit(ONE, '## Questions', `## Questions\n\n${more.join('\n')}`));
  assert.match(String(await check(many)), /one.md:19: the page has 5 questions/);
});

test('the built book may load nothing from elsewhere', async (t) => {
  const page =
    '<a href="https://example.org">out</a><script src="https://cdn.example.org/x.js"></script>{{#include x}}';
  const root = soundBook(t, ({ write }) => {
    write('target/book/index.html', page);
    write('target/book/css/a.css', '@import "//fonts.example.org/a.css"; a { background: url(a.png) }');
  });
  const said = String(await check(root, { built: true }));
  assert.match(said, /target\/book\/index.html: loads https:\/\/cdn.example.org\/x.js/);
  assert.match(said, /target\/book\/index.html: shows an include/);
  assert.match(said, /target\/book\/css\/a.css: loads \/\/fonts.example.org\/a.css/);
  assert.match(said, /docs\/src\/walk\/two.md: is not in target\/book as walk\/two.html/);
  assert.doesNotMatch(said, /https:\/\/example.org|a\.png|README/);
});

test('each link of a built page leads to a file', async (t) => {
  const links = ['../index.html#x', 'a%20b.html', '#x', 'https://example.org', '../README.html', 'no.html#x'];
  const content = links.map((href) => `<a class="x" href="${href}">x</a>`).join('\n');
  const root = soundBook(t, ({ write }) => {
    write('target/book/index.html', '<a href="outside.html">x</a><main></main>');
    write('target/book/walk/one.html', `<main>${content}</main>`);
    write('target/book/walk/a b.html', '');
  });
  const said = String(await check(root, { built: true })).split('\n');
  assert.deepEqual(
    said.filter((line) => line.includes('links to')),
    ['../README.html', 'no.html'].map(
      (target) => `target/book/walk/one.html: links to ${target}, which is not in the built book`,
    ),
  );
});

test('each built page that can be edited leads to its own file', async (t) => {
  const link = (/** @type {string} */ file) =>
    `<a href="https://example.org/edit/main/${file}" title="Suggest an edit" rel="edit">`;
  const built = (/** @type {(file: string) => string} */ make) =>
    soundBook(t, (book) => {
      const pages = { index: 'README', 'walk/one': 'walk/one', 'walk/two': 'walk/two', claims: 'claims' };
      for (const [html, page] of Object.entries(pages))
        book.write(`target/book/${html}.html`, make(`docs/src/${page}.md`));
    });
  const said = async (/** @type {(file: string) => string} */ make) =>
    String(await check(built(make), { built: true }));
  assert.equal(await said(link), '');
  assert.equal(await said(() => ''), '');
  assert.match(
    await said((file) => (file === ONE ? '' : link(file))),
    /^docs\/src\/walk\/one.md: has no link to edit it/,
  );
  assert.match(
    await said((file) => link(file === ONE ? TWO : file)),
    /^docs\/src\/walk\/one.md: .* not this page's file$/,
  );
});
