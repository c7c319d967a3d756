// mdBook's preprocessor `dedent`: what is included from the middle of a class is at the margin, as if it were written
// there.

import { preprocess } from './preprocessor.mjs';

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

await preprocess(import.meta.url, (chapters) => {
  for (const chapter of chapters) chapter.content = withIndex(dedent(chapter.content));
});
