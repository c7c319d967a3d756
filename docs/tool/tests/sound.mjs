// A small book in which everything is right, for tests that break one thing of it.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { writeGenerated } from '../generated.mjs';

const CHECK = '#!/bin/sh\nset -eu\ngrep -q "solved" "$1/answer.txt"\n';

/** What every page has. @type {(name: string) => string} */
const questions = (name) => `## Questions

${['one', 'two']
  .map(
    (number) =>
      `\`\`\`question,choice,id=${name}-${number}\nHow much?\n\n- [x] 2\n  Yes.\n- [ ] 3\n  No.\n\n$ echo 2\n\`\`\`\n`,
  )
  .join('\n')}
`;

/** @type {Record<string, string>} */
const FILES = {
  'docs/src/SUMMARY.md':
    '# Summary\n\n[First](README.md)\n\n# The walk\n\n- [One](walk/one.md)\n- [Two](walk/two.md)\n\n# Appendix\n\n- [Claims](claims.md)\n',
  'docs/src/README.md': '# First\n\nSee [the second](walk/two.md#a-heading-of-two) and [out](https://example.org/).\n',
  'docs/src/walk/one.md': `# One

<!-- walk: demo -->

\`\`\`sh,file=greet.sh
{{#include ../../listings/demo/greet.sh:greet}}
\`\`\`

\`\`\`console
$ sh greet.sh
hello
it is me
\`\`\`

![A picture](../pictures/dot.svg)

${questions('one')}## Exercises

Do it.

<details><summary>Solution</summary>

\`\`\`text
{{#include ../../listings/exercises/walk-one-greet/solution/answer.txt}}
\`\`\`

</details>
`,
  'docs/src/walk/two.md': `# Two

<!-- walk: demo -->

## A heading of \`two\`

\`\`\`console,varies
$ sh greet.sh && echo 12.5 ms
hello
…
1 ms
\`\`\`

\`\`\`console,fails
$ export WORD=kept && mkdir -p sub && cd sub
$ echo $WORD && ls ../greet.sh && exit 3
kept
../greet.sh
\`\`\`

${questions('two')}## Exercises

As in [the first](one.md#exercises).

\`\`\`text
{{#include ../../listings/exercises/walk-one-greet/solution/answer.txt}}
\`\`\`
`,
  'docs/listings/demo/greet.sh':
    '# ANCHOR: greet\necho hello\n# ANCHOR: inner\necho it is me\n# ANCHOR_END: inner\n# ANCHOR_END: greet\n',
  'docs/listings/exercises/walk-one-greet/start/answer.txt': 'not yet\n',
  'docs/listings/exercises/walk-one-greet/solution/answer.txt': 'solved\n',
  'docs/listings/exercises/walk-one-greet/check.sh': CHECK,
  'docs/pictures/dot.mjs':
    'console.log(\'<svg xmlns="http://www.w3.org/2000/svg"><title>Dot</title><desc>A dot</desc></svg>\');\n',
  'docs/claims.toml':
    '[[claim]]\nid = "adds"\nsection = "Adding"\nclaim = "It adds"\ntest = "tests/add.rs::it_adds"\nholds = "yes"\n',
  'tests/add.rs': '#[test]\nfn it_adds() {}\n',
};

/**
 * Breaks something.
 *
 * @typedef {(book: { edit: (file: string, from: string | RegExp, to: string) => void, write: (file: string, text: string) => void,
 *   remove: (file: string) => void, root: string }) => void} Change
 */

/** @type {(file: string, from: string | RegExp, to: string) => Change} */
export const edit = (file, from, to) => (book) => book.edit(file, from, to);
/** @type {(file: string, text: string) => Change} */
export const write = (file, text) => (book) => book.write(file, text);
/** @type {(file: string) => Change} */
export const remove = (file) => (book) => book.remove(file);

/**
 * @param {import('node:test').TestContext} test that ends with the book
 * @param {Change} [change]
 * @returns {string} the root of its repository
 */
export function soundBook(test, change) {
  const root = mkdtempSync(path.join(tmpdir(), 'everyhost-book-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (/** @type {string} */ file, /** @type {string} */ text) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(FILES)) write(file, text);
  chmodSync(path.join(root, 'docs/listings/exercises/walk-one-greet/check.sh'), 0o755);
  writeGenerated(root);
  change?.({
    root,
    write,
    remove: (file) => rmSync(path.join(root, file)),
    edit: (file, from, to) => {
      const before = readFileSync(path.join(root, file), 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} has no ${from}: the test changes nothing`);
      write(file, after);
    },
  });
  return root;
}
