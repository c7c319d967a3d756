// ../epub.mjs and what it is made of: what a page becomes, and that the archive is one. docs/tool/epubcheck checks the whole.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { render } from '../ask.mjs';
import { writeEpub } from '../epub.mjs';
import { parseMarkdown } from '../markdown.mjs';
import { parseQuestion } from '../questions.mjs';
import { parseHtml, serialize } from '../xhtml.mjs';
import { zip } from '../zip.mjs';

const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/**
 * A book of two pages, built.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} content of the second page
 */
function bookOf(t, content) {
  const root = mkdtempSync(path.join(tmpdir(), 'everyhost-epub-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (/** @type {string} */ name, /** @type {string} */ text) => {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text, { mode: 0o755 });
  };
  write('docs/src/SUMMARY.md', '# Summary\n\n[Start](README.md)\n\n# Part & more\n\n- [One](walk/one.md)\n');
  write('docs/book.toml', 'title = "T"\ndescription = "D"\nauthors = ["A <a>"]\nlanguage = "en"\n');
  write('docs/theme/epub.css', '');
  write('scripts/version.sh', '#!/bin/sh\n[ "$1" = date ] && echo 2026-01-02 || echo 1.2.3\n');
  write('target/book/index.html', 'around <main><h1 id="start">Start</h1></main> around');
  write('target/book/walk/one.html', `<main><h1 id="one">One</h1>${content}</main>`);
  write('target/book/pictures/a.svg', PICTURE);
  return root;
}

/** Reads a file of an archive whose checksums are right, by another implementation. */
const READ = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
sys.stdout.buffer.write(archive.read(sys.argv[2]))`;

/** @type {(file: string, name: string) => string} */
const read = (file, name) => execFileSync('python3', ['-c', READ, file, name], { encoding: 'utf8' });

/** @type {(t: import('node:test').TestContext, content: string) => string} */
const pageOf = (t, content) => read(writeEpub(bookOf(t, content), 'out.epub'), 'book/walk/one.xhtml');

test('links, pictures and metadata are those of the EPUB, and the archive is sound', (t) => {
  const file = writeEpub(
    bookOf(
      t,
      '<p><a class="header" href="#one">A</a><br>&amp;<a href="../index.html#start">B</a>' +
        '<label class="checkbox-label"><input type="checkbox"><img src="../pictures/a.svg" alt="<A>"></label></p>',
    ),
    'out.epub',
  );
  // The type is the first file, and not compressed, so that it is at a known place.
  assert.equal(readFileSync(file).toString('latin1', 30, 58), 'mimetypeapplication/epub+zip');
  assert.match(
    read(file, 'book/walk/one.xhtml'),
    /<p>A<br\/>&amp;<a href="\.\.\/index\.xhtml#start">B<\/a><img src="\.\.\/pictures\/a\.svg" alt="&lt;A>"\/><\/p>/,
  );
  assert.equal(read(file, 'book/pictures/a.svg'), PICTURE);
  const opf = read(file, 'book/package.opf');
  assert.match(opf, /<dc:creator>A &#60;a&#62;<\/dc:creator>[^]*modified">2026-01-02T00:00:00Z</);
  assert.match(opf, /<itemref idref="page-0"\/>\n<itemref idref="page-1"\/>/);
  assert.match(read(file, 'book/nav.xhtml'), /<span>Part &#38; more<\/span><ol>\n<li><a href="walk\/one.xhtml">One</);
});

test('a question is text, and its answer is at the end of the page', (t) => {
  const asked = parseMarkdown(
    '```question,choice,id=sum\nWhat is 1 + 1?\n\n- [x] `2`\n  As at school.\n- [ ] 3\n  = 3\n  Too much.\n\n$ echo 2\n```\n',
  ).blocks[0];
  const page = pageOf(t, `${render(parseQuestion(asked))}<div class="question-progress"></div><p>After.</p>`);
  assert.match(
    page.replace(/\n/g, ''),
    /Question 1<\/p><p class="question-text">What is 1 \+ 1\?<\/p><ul><li>.*<a href="#question-sum-answer">The answer<\/a>.*<p>After\.<\/p>.*<h2>Answers<\/h2><section id="question-sum-answer">.*Right:.*As at school\./,
  );
  assert.doesNotMatch(page, /<(form|input|button|details)|data-|question-progress/);
});

test('tabs are sections under their titles, and what is folded is open', (t) => {
  const page = pageOf(
    t,
    '<section data-tab="Go"><p>g</p></section><section data-tab="C#"><h3 id="c">C#</h3></section>' +
      '<details><summary>A solution</summary><p>s</p></details><div class="live" data-live="x"><p>Fallback.</p></div>',
  );
  assert.ok(
    page.includes('<section><p><strong>Go</strong></p><p>g</p></section><section><h3 id="c">C#</h3></section>'),
  );
  assert.ok(page.includes('<div class="solution"><p><strong>A solution</strong></p><p>s</p></div>'));
  assert.ok(page.includes('<div class="live"><p>Fallback.</p></div>'));
});

for (const [what, content, said] of /** @type {[string, string, RegExp][]} */ ([
  [
    'a link to what is not in it',
    '<a href="../x.wasm">x</a>',
    /one\.html: it links to \.\.\/x\.wasm, which is no page/,
  ],
  ['a form of another kind', '<form></form>', /one\.html: <form> does nothing in an EPUB/],
  ['an element that is not closed', '<p><b>x</p>', /one\.html: <\/p> is where <\/b> should be/],
  ['a reference that XML does not know', 'a&nbsp;b', /one\.html: cannot be XHTML: a&nbsp;b/],
  ['a picture that is missing', '<img src="no.svg" alt="">', /no\.svg/],
])) {
  test(`${what} is an error`, (t) => assert.throws(() => writeEpub(bookOf(t, content), 'out.epub'), said));
}

test('a page that is not built is an error', (t) => {
  const root = bookOf(t, '');
  rmSync(path.join(root, 'target/book/walk/one.html'));
  assert.throws(() => writeEpub(root, 'out.epub'), /walk\/one\.html is not there; make book builds it/);
});

test('HTML stays what it is, but for comments', () => {
  const same = '<p class="a" id=\'b\'>x &lt; <code>1 &amp; 2</code></p>';
  assert.equal(
    serialize(parseHtml(`<!-- no -->${same}<hr><img src=x>`)),
    `${same.replaceAll("'", '"')}<hr/><img src="x"/>`,
  );
});

test('an archive has all its files, empty ones and names in UTF-8 too', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'everyhost-zip-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'a.zip');
  const long = 'x'.repeat(100_000);
  writeFileSync(
    file,
    zip([
      ['first', 'one'],
      ['empty', ''],
      ['ü/long', long],
    ]),
  );
  assert.deepEqual(
    ['first', 'empty', 'ü/long'].map((name) => read(file, name)),
    ['one', '', long],
  );
});
