// Questions: a wrong mark is red, whichever way the answer is computed; and what mdBook gets of a question.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inline, withForms } from '../ask.mjs';
import { check } from '../check.mjs';
import { parseMarkdown } from '../markdown.mjs';
import { parseQuestion } from '../questions.mjs';
import { walk } from '../walk.mjs';
import { soundBook } from './sound.mjs';

const ONE = 'docs/src/walk/one.md';

/** @typedef {{ info?: string, text?: string, code?: string, choices?: string, source?: string }} Parts */

/** A question whose answer is 2. @type {(parts?: Parts) => string} */
const question = ({
  info = 'choice,id=sum',
  text = 'What is 1 + 1?',
  code = '',
  choices = '- [x] `2`\n  As at school.\n- [ ] `11`\n  Those are strings.',
  source = '$ echo 2',
} = {}) => `\`\`\`\`question,${info}\n${text}\n\n${code}\n${choices}\n\n${source}\n\`\`\`\`\n`;

/** What a page shows of a listing. @type {(file: string) => string} */
const shown = (file) => `\`\`\`rust\n{{#include ../../listings/${file}}}\n\`\`\`\n`;

/**
 * @param {import('node:test').TestContext} t
 * @param {string} asked
 * @param {Record<string, string>} [files]
 */
const bookWith = (t, asked, files = {}) =>
  soundBook(t, ({ edit, write }) => {
    edit(ONE, '## Questions', `${asked}\n## Questions`);
    for (const [file, text] of Object.entries(files)) write(file, text);
  });

/** @type {(t: import('node:test').TestContext, asked: string, files?: Record<string, string>) => Promise<string>} */
const walked = async (t, asked, files) => String(await walk(bookWith(t, asked, files), []));
/** @type {(t: import('node:test').TestContext, asked: string, files?: Record<string, string>) => Promise<string>} */
const checked = async (t, asked, files) => String(await check(bookWith(t, asked, files)));

test('a question whose mark is right is sound', async (t) => {
  const root = bookWith(t, question());
  assert.equal(String(await check(root)), '');
  assert.equal(String(await walk(root, [])), '');
});

test('a wrong mark is red, with the page, its line and the answer', async (t) => {
  const choices = '- [ ] `2`\n  Why.\n- [x] `11`\n  Why.';
  const said = await walked(t, question({ choices }));
  assert.match(
    said,
    /^docs\/src\/walk\/one.md:17: question sum: the right answer is "`2`", and the page marks another/,
  );
  assert.match(said, /\$ echo 2 gives:\n {4}2$/);
});

test('an answer that changed is red, and so is one that fits two choices', async (t) => {
  assert.match(await walked(t, question({ source: '$ echo 3' })), /the computed answer is none of the choices/);
  const choices = '- [x] Small\n  = /^[0-5]$/\n  Why.\n- [ ] Even\n  = /[02468]$/\n  Why.';
  assert.match(await walked(t, question({ choices })), /fits more than one choice/);
  assert.equal(await walked(t, question({ choices, source: '$ echo 3' })), '');
  assert.match(await walked(t, question({ choices, source: '$ echo 8' })), /the right answer is "Even"/);
});

test('spaces do not matter, a value does', async (t) => {
  const choices = '- [x] Both lines\n  = a b\n  Why.\n- [ ] One\n  = a\n  Why.';
  assert.equal(await walked(t, question({ choices, source: '$ echo a\necho "  b"' })), '');
});

test('a question runs where its page is, and changes nothing there', async (t) => {
  const choices = '- [x] `hello it is me`\n  Why.\n- [ ] `no`\n  Why.';
  const moving = question({ choices, source: '$ sh greet.sh; cd /; export WORD=lost' });
  const after = question({ info: 'short,id=after', choices, source: '$ sh greet.sh$WORD' });
  assert.equal(await walked(t, moving + after), '');
});

test('a command finds the files of questions', async (t) => {
  const files = { 'docs/listings/questions/two.txt': '2\n' };
  assert.equal(await walked(t, question({ source: '$ cat "$QUESTIONS/two.txt"' }), files), '');
});

test('what fails has to say so', async (t) => {
  const choices = '- [x] `2`\n  Why.\n- [ ] `3`\n  Why.';
  const source = '$ echo 2; exit 3';
  assert.match(await walked(t, question({ choices, source })), /ended with 3; if that is the point, write `fails`/);
  assert.equal(await walked(t, question({ info: 'choice,fails,id=sum', choices, source })), '');
  assert.match(
    await walked(t, question({ info: 'choice,fails,id=sum', choices })),
    /ended with 0, but the question says that it fails/,
  );
});

test('what is shown is run', async (t) => {
  const file = 'docs/listings/questions/sum.mjs';
  const asked = question({ code: shown('questions/sum.mjs'), source: `run: ${file}` });
  const sum = (/** @type {string} */ what) => ({ [file]: `console.log(${what});\n` });
  assert.equal(await checked(t, asked, sum('1 + 1')), '');
  assert.equal(await walked(t, asked, sum('1 + 1')), '');
  assert.match(await walked(t, asked, sum("'1' + 1")), /one.md:17: .*the right answer is "`11`"/);
  const hidden = question({ source: `run: ${file}` });
  assert.match(await checked(t, hidden, sum('2')), /the question does not show docs\/listings\/questions\/sum.mjs/);
});

test('what is shown is compiled, and the value is the error', async (t) => {
  const file = 'docs/listings/questions/move.rs';
  const choices = '- [x] No\n  = E0382\n  Moved.\n- [ ] Yes\n  = compiles\n  Why.';
  const asked = question({ choices, code: shown('questions/move.rs'), source: `compile: ${file}` });
  const rust = (/** @type {string} */ how) => ({
    [file]: `pub fn f(s: String) -> usize {\n    let t = ${how};\n    s.len() + t.len()\n}\n`,
  });
  assert.equal(await walked(t, asked, rust('s')), '');
  assert.match(await walked(t, asked, rust('s.clone()')), /the right answer is "Yes"/);
  assert.match(await walked(t, asked, rust('syntax error')), /none of the choices; .*\n {4}error$/);
});

test('a Rust program is built and run, with its options', async (t) => {
  const file = 'docs/listings/questions/add.rs';
  const files = { [file]: 'fn main() {\n    println!("{}", if cfg!(debug_assertions) { 2 } else { 11 });\n}\n' };
  const asked = (/** @type {string} */ options) =>
    question({ code: shown('questions/add.rs'), source: `run: ${file}${options}` });
  assert.equal(await walked(t, asked(''), files), '');
  assert.match(await walked(t, asked(' -O'), files), /the right answer is "`11`"/);
});

test('an answer from data is computed by check', async (t) => {
  const source = 'data: docs/data/few.json data.sums.find(({ of }) => of === "one")\n  .is';
  const files = (/** @type {number} */ is) => ({
    'docs/data/few.json': JSON.stringify({ sums: [{ of: 'one', is }] }),
  });
  assert.equal(await checked(t, question({ source }), files(2)), '');
  assert.match(await checked(t, question({ source }), files(11)), /one.md:26: the right answer is "`11`"/);
  for (const [expression, problem] of Object.entries({
    'data.nothing.is': /the expression fails: /,
    'data.sums': /needs a text, a number or a boolean/,
    '': /followed by an expression/,
  }))
    assert.match(await checked(t, question({ source: `data: docs/data/few.json ${expression}` }), files(2)), problem);
  assert.match(await checked(t, question({ source: 'data: docs/data/none.json 2' })), /there is no file/);
  assert.match(await checked(t, question({ source: 'data: tests/add.rs 2' })), /takes a file of docs\/data/);
});

test('a question that is not written as one is told', async (t) => {
  /** @type {[Parts, RegExp][]} */
  const wrong = [
    [{ info: 'id=sum' }, /a question is one of choice and short/],
    [{ info: 'choice' }, /has an id=NAME/],
    [{ info: 'choice,id=sum,easy' }, /not easy/],
    [{ text: '' }, /asks nothing/],
    [{ choices: '- [x] 2\n  Why.' }, /has choices/],
    [{ choices: '- [ ] 2\n  Why.\n- [ ] 3\n  Why.' }, /marks one choice/],
    [{ choices: '- [x] 2\n  Why.\n- [x] 3\n  Why.' }, /marks one choice/],
    [{ choices: '- [x] 2\n  Why.\n- [ ] 3' }, /why this choice is wrong: 3/],
    [{ choices: '- [x] 2\n- [ ] 3\n  Why.' }, /why this choice is right: 2/],
    [{ choices: '- [x] 2\n  Why.\n- [ ] `2`\n  Why.' }, /same value, 2/],
    [{ choices: '- [x] 2\n  Why.\n- [ ] 3\n  Why.\n\nMore.' }, /neither a choice/],
    [{ source: '' }, /how the answer is computed/],
    [{ code: '```js\n1 + 1\n```\n' }, /pasted code/],
    [{ code: shown('nothing.rs') }, /nothing.rs does not exist/],
    [{ text: 'Is [this](nowhere.md) 2?' }, /dead link/],
  ];
  for (const [parts, problem] of wrong) assert.match(await checked(t, question(parts)), problem);
  const twice = question() + question();
  assert.match(await checked(t, twice), /one.md:28: the question sum is already in docs\/src\/walk\/one.md:17/);
});

test('a page without a folder can ask for data alone', async (t) => {
  const root = soundBook(t, ({ edit }) => edit('docs/src/README.md', '# First', `# First\n\n${question()}`));
  assert.match(String(await check(root)), /README.md:12: .* no <!-- walk: NAME -->/);
});

test('text is escaped, and its marks become HTML', () => {
  assert.equal(
    inline('a < `b < *c*` & *d* **e**'),
    'a &#60; <code>b &#60; *c*</code> &#38; <em>d</em> <strong>e</strong>',
  );
  assert.equal(
    inline('[x](../walk/one.md#a) [y](https://example.org/z.md)')
      .match(/href="[^"]*"/g)
      ?.join(' '),
    'href="../walk/one.html#a" href="https://example.org/z.md"',
  );
});

test('a question becomes a form, and the rest of the page stays', () => {
  const code = '```js\nconsole.log(1 + 1);\n```';
  const made = withForms(`before\n\n${question({ code })}\nafter\n\n\`\`\`js\nx\n\`\`\`\n`, ['sum', 'other']);
  assert.match(made, /^before\n\n<section class="question" id="question-sum"/);
  assert.match(
    made,
    /id="question-sum-text">What is 1 \+ 1\?<\/p>\n\n```js\nconsole.log\(1 \+ 1\);\n```\n\n<form>\n<fieldset aria-labelledby="question-sum-text">/,
  );
  assert.match(made, /data-questions="sum other"><\/div>\n\n\nafter\n\n```js\nx\n```\n$/);
  assert.match(made, /<details [^]*<li data-choice="0" data-right><strong>Right:<\/strong> <code>2<\/code>/);
  assert.equal(withForms('nothing asked', ['sum']), 'nothing asked');
});

test('the right answer comes first below, and the choices stay in their order', () => {
  const choices = '- [ ] `11`\n  Why.\n- [x] `2`\n  Why.';
  const made = withForms(question({ choices }), ['sum']);
  assert.deepEqual(made.match(/value="\d"|data-choice="\d"/g), [
    'value="0"',
    'value="1"',
    'data-choice="1"',
    'data-choice="0"',
  ]);
});

test('a question in a page is parsed with its lines', () => {
  const [block] = parseMarkdown(`# x\n\n${question()}`).blocks;
  const { choices, source, text } = parseQuestion(block);
  assert.equal(text, 'What is 1 + 1?');
  assert.deepEqual(
    choices.map(({ line, right }) => [line, right]),
    [
      [4, true],
      [6, false],
    ],
  );
  assert.deepEqual(source, { line: 9, kind: '$', text: 'echo 2' });
});
