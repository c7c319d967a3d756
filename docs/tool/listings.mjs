// docs/src/about/listings.md: every file that the book shows, by language, with the pages that show it.

import path from 'node:path';

import { loadBook } from './book.mjs';
import { parseInclude } from './includes.mjs';

export const LISTINGS = 'docs/src/about/listings.md';

/** @type {Record<string, string>} by what a file's name ends with */
const LANGUAGES = {
  '.rs': 'Rust',
  '.mjs': 'JavaScript',
  '.js': 'JavaScript',
  '.cjs': 'JavaScript',
  '.html': 'HTML',
  '.py': 'Python',
  '.go': 'Go',
  '.java': 'Java',
  '.cs': 'C#',
  '.c': 'C',
  '.h': 'C',
  '.php': 'PHP',
  '.wat': 'WebAssembly text',
  '.wit': 'WIT',
  '.sh': 'Shell',
};
const OTHERS = 'Settings and data';

/** @returns {string} */
export function listingsPage(/** @type {string} */ root) {
  const book = loadBook(root);
  /** @type {Map<string, Map<string, Set<import('./book.mjs').Page>>>} by language, then by file */
  const languages = new Map([...Object.values(LANGUAGES), OTHERS].map((language) => [language, new Map()]));
  for (const page of book.pages)
    for (const include of page.markdown.blocks.flatMap(({ lines }) => lines.map(parseInclude))) {
      if (!include) continue;
      const file = path.relative(root, path.resolve(path.dirname(page.absolute), include.file)).replaceAll('\\', '/');
      const files = languages.get(LANGUAGES[path.extname(file)] ?? OTHERS) ?? new Map();
      files.set(file, (files.get(file) ?? new Set()).add(page));
    }
  const total = [...languages.values()].reduce((sum, files) => sum + files.size, 0);
  const here = path.join(root, path.dirname(LISTINGS));
  const link = (/** @type {import('./book.mjs').Page} */ { title, absolute }) =>
    `[${title}](${path.relative(here, absolute).replaceAll('\\', '/')})`;
  return `${[
    '# All listings',
    '<!-- written by `node docs/tool/main.mjs generate` from the pages; `make test-book` compares it -->',
    `Every file that a page shows, all or parts of it: ${total} files, by language. Each is compiled, run or read by a test; \`docs/listings/exercises\` has the exercises.`,
    ...[...languages]
      .filter(([, files]) => files.size > 0)
      .flatMap(([language, files]) => [
        `## ${language}`,
        [...files]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([file, pages]) => `- \`${file}\`: ${[...pages].map(link).join(', ')}`)
          .join('\n'),
      ]),
  ].join('\n\n')}\n`;
}
