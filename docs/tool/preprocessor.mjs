// What mdBook's preprocessors share. mdBook gives [context, book] as JSON and takes the book; `NAME.mjs supports RENDERER` asks
// whether it may.

import { realpathSync } from 'node:fs';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** @typedef {{ content: string, sub_items: Item[] }} Chapter */
/** @typedef {{ Chapter?: Chapter }} Item a heading of SUMMARY.md, or a line, is none */

/** @type {(items: Item[]) => Chapter[]} */
const chaptersOf = (items) =>
  items.flatMap(({ Chapter: chapter }) => (chapter ? [chapter, ...chaptersOf(chapter.sub_items)] : []));

/**
 * Answers mdBook, if `url` is the program that was started.
 *
 * @param {string} url of the preprocessor: `import.meta.url`
 * @param {(chapters: Chapter[]) => void} work changes their content where it is
 */
export async function preprocess(url, work) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  if (process.argv[2] === 'supports') return;
  const [, book] = JSON.parse(await text(process.stdin));
  work(chaptersOf(book.items));
  process.stdout.write(JSON.stringify(book));
}
