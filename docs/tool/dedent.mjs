// mdBook's preprocessor `dedent`: what is included from the middle of a class is at the margin, as if it were written
// there. mdBook gives [context, book] as JSON and takes the book; `dedent.mjs supports RENDERER` asks whether it may.

import { realpathSync } from 'node:fs';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What is shown as it came out of a program, and text that is drawn, keeps its spaces. */
const KEPT = new Set(['', 'console', 'text']);

/**
 * Takes from each fenced block of code the spaces that all its lines begin with, and empty lines at its begin and end.
 *
 * @param {string} markdown with its includes in place
 * @returns {string}
 */
export function dedent(markdown) {
  return markdown.replace(
    /^(?<open>(?<mark>`{3,})(?<language>[\w-]*).*\n)(?<code>[^]*?\n)(?<close>\k<mark>[ \t]*)$/gm,
    (block, ...found) => {
      const { open, language, code, close } = found.at(-1);
      if (KEPT.has(language)) return block;
      // An include may begin or end with the empty line that separates it in its file.
      const inner = code.replace(/^(?:[ \t]*\n)+(?=[^]*\S)/, '').replace(/\n(?:[ \t]*\n)+$/, '\n');
      const indents = inner.match(/^[ \t]*(?=\S)/gm) ?? [''];
      const common = indents.reduce((/** @type {string} */ some, /** @type {string} */ indent) => shared(some, indent));
      return open + inner.replaceAll(new RegExp(`^${common}`, 'gm'), '') + close;
    },
  );
}

/** mdBook writes README.md as index.html, and leaves links to it as they are. */
export const withIndex = (/** @type {string} */ markdown) =>
  markdown.replace(/(\]\((?!https:)[^()\s]*\b)README\.md(?=[#)])/g, '$1index.md');

/** @returns {string} what both begin with */
function shared(/** @type {string} */ a, /** @type {string} */ b) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}

/** @typedef {{ Chapter?: { content: string, sub_items: Item[] } }} Item */

/** @param {Item[]} items of mdBook's book, changed where they are */
function dedentAll(items) {
  for (const { Chapter: chapter } of items) {
    if (!chapter) continue; // a heading of SUMMARY.md, or a line
    chapter.content = withIndex(dedent(chapter.content));
    dedentAll(chapter.sub_items);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv[2] !== 'supports') {
    const [, book] = JSON.parse(await text(process.stdin));
    dedentAll(book.items);
    process.stdout.write(JSON.stringify(book));
  }
}
