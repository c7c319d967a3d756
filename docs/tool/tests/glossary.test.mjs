// The glossary: a term without a link where a page first uses it is red, and the tool writes that link.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { loadBook } from '../book.mjs';
import { check } from '../check.mjs';
import { writeGenerated } from '../generated.mjs';
import { checkTerms, linkTerms } from '../glossary.mjs';
import { Problems } from '../problems.mjs';
import { edit, soundBook } from './sound.mjs';

const GLOSSARY = `
[[term]]
term = "trap"
forms = "trap, traps"
home = "walk/two.md#exercises"
text = "An error that ends a call. See [host](#host)."

[[term]]
term = "host"
but = "host of angels"
text = "What loads a module."

[[term]]
term = "known gap"
text = "A case that fails."

[[term]]
term = "gap"
text = "Something that is missing."

[[term]]
term = "page of memory"
forms = ""
text = "64 KiB."
`;

/**
 * @param {import('node:test').TestContext} t
 * @param {string} text of the page walk/one.md, before its exercises
 * @param {string} [glossary]
 */
function book(t, text, glossary = GLOSSARY) {
  const root = soundBook(t, ({ edit, write }) => {
    write('docs/glossary.toml', glossary);
    edit('docs/src/SUMMARY.md', '- [Claims]', '- [Glossary](about/glossary.md)\n- [Claims]');
    edit('docs/src/walk/one.md', '## Questions', `${text}\n\n## Questions`);
    edit('docs/src/walk/two.md', '## Questions', 'This page tells what traps are.\n\n## Questions');
    write('docs/src/about/glossary.md', '');
  });
  writeGenerated(root);
  return root;
}

/** What is not linked, as `LINE id`. @type {(t: import('node:test').TestContext, text: string) => string[]} */
function unlinked(t, text) {
  const problems = new Problems();
  checkTerms(loadBook(book(t, text)), problems);
  return problems.list.map(
    ({ file, line, message }) => `${file.replace('docs/src/', '')}:${line} ${/\((.*?)\)/.exec(message)?.[1]}`,
  );
}

test('the page of the glossary is sound, and its anchors are those of its terms', async (t) => {
  const root = book(t, 'A [trap](../about/glossary.md#trap), a [gap](../about/glossary.md#known-gap).');
  assert.equal(String(await check(root)), '');
  assert.match(
    readFileSync(path.join(root, 'docs/src/about/glossary.md'), 'utf8'),
    /\ntrap\n: An error .*\[More\]\(\.\.\/walk/,
  );
  assert.match(
    String(await check(book(t, 'A trap.'))),
    /^docs\/src\/walk\/one.md:17: the first "trap" of the page is no link/,
  );
  const dead = book(t, 'A [trap](../about/glossary.md#traps).');
  assert.match(String(await check(dead)), /one.md:17: dead heading: .* no heading #traps; it has .*#gap, #host/);
});

test('the first use on a page is a link, or red', (t) => {
  assert.deepEqual(unlinked(t, 'A trap in a host. Traps again.'), ['walk/one.md:17 trap', 'walk/one.md:17 host']);
  assert.deepEqual(unlinked(t, 'Nothing.\n\nTraps end a call.'), ['walk/one.md:19 trap']);
  assert.deepEqual(unlinked(t, 'A [trap](../about/glossary.md#trap). And a trap.'), []);
  assert.deepEqual(unlinked(t, 'A trap. And a [trap](../about/glossary.md#trap).'), ['walk/one.md:17 trap']);
  assert.deepEqual(unlinked(t, 'A [host](../about/glossary.md#trap).'), []);
});

test('a link to the page that explains it will do, if it says the word', (t) => {
  assert.deepEqual(unlinked(t, '[What traps are](two.md), and a trap.'), []);
  assert.deepEqual(unlinked(t, '[The second page](two.md), and a trap.'), ['walk/one.md:17 trap']);
});

test('the longest term counts, and a part of a word does not', (t) => {
  assert.deepEqual(unlinked(t, 'A known gap.'), ['walk/one.md:17 known-gap']);
  assert.deepEqual(unlinked(t, 'Mousetraps, trapdoors, host-side, a-trap, host.rs, and /host.'), []);
  assert.deepEqual(unlinked(t, 'The host.'), ['walk/one.md:17 host']);
  assert.deepEqual(unlinked(t, 'A page of memory.'), []);
  assert.deepEqual(unlinked(t, 'A host of angels.'), []);
  assert.deepEqual(unlinked(t, 'A host of angels, a host.'), ['walk/one.md:17 host']);
});

test('code, headings, HTML and other links are not asked for', (t) => {
  for (const text of [
    '`trap`',
    '## A trap',
    '<p>trap</p>',
    '[a host](one.md#one)',
    '![host](../pictures/dot.svg)',
    '<!-- trap -->',
    'It is [a host\nof a trap](one.md#one).',
  ])
    assert.deepEqual(unlinked(t, text), [], text);
  assert.deepEqual(unlinked(t, 'It is [a\nlink](one.md#one) of\nthe host.'), ['walk/one.md:19 host']);
});

test('the tool writes the links, once, and the page is sound then', async (t) => {
  const root = book(t, '- **Traps**: a `trap` of the host, | trap | a known gap of a host.');
  assert.equal(linkTerms(loadBook(root), []), 3);
  const problems = new Problems();
  checkTerms(loadBook(root), problems);
  assert.equal(String(problems), '');
  assert.equal(String(await check(root)), '');
  const page = readFileSync(path.join(root, 'docs/src/walk/one.md'), 'utf8').replaceAll('\n  ', ' ');
  assert.match(
    page,
    /^- \*\*\[Traps\]\(\.\.\/about\/glossary\.md#trap\)\*\*: a `trap` of the \[host\]\(\S+#host\), \| trap \| a \[known gap\]\(\S+#known-gap\) of a host\.$/m,
  );
  assert.equal(linkTerms(loadBook(root), []), 0);
});

test('a paragraph that becomes too wide gets new line breaks', async (t) => {
  const line = (/** @type {string} */ words) => `${words} `.padEnd(138, '`a code` [a link](two.md) - ').trim();
  const root = book(t, `- ${line('The host')}\n  ends here.\n\n| ${line('A trap')} |\n|---|`);
  linkTerms(loadBook(root), []);
  assert.equal(String(await check(root)), '');
  const [before, page] = [line('The host'), readFileSync(path.join(root, 'docs/src/walk/one.md'), 'utf8')];
  const [first, second] = page.split('\n').slice(16);
  assert.match(first, /^- The \[host\]\(\S+\) `a code`/);
  assert.ok(first.length <= 140, first);
  assert.match(second, /^ {2}\S.* ends here\.$/);
  assert.equal(`${first} ${second.trim()}`.replace(/\[host\]\(\S+\)/, 'host'), `- ${before} ends here.`);
  assert.match(page, /^\| A \[trap\]\(.*\|$/m);
});

test('an entry that is not one is told', async (t) => {
  /** @type {[string, RegExp][]} */
  const wrong = [
    ['[[term]]\nterm = "x"\n', /glossary.toml:1: an entry has a term and a text/],
    ['[[term]]\nterm = "x"\ntext = "X."\nhome = "no.md"\n', /its home no.md is no page/],
    ['[[term]]\nterm = "x"\ntext = "X."\n[[term]]\nterm = "y"\nforms = "x"\ntext = "Y."\n', /x is already on line 1/],
    ['[[term]]\nterm = "x"\ntext = "X."\nform = "x"\n', /an entry has no form/],
  ];
  for (const [glossary, problem] of wrong) assert.match(String(await check(book(t, 'Text.', glossary))), problem);
  assert.match(
    String(await check(soundBook(t, edit('docs/src/walk/one.md', '# One', '# One\n\n[x](../about/glossary.md)')))),
    /no page/,
  );
});
