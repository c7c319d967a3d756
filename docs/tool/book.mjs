// The book as SUMMARY.md has it.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { parseMarkdown } from './markdown.mjs';

/**
 * @typedef {object} Page
 * @property {string} name its path below docs/src
 * @property {string} file the same, from the root of the repository
 * @property {string} absolute
 * @property {string} title as SUMMARY.md has it
 * @property {string} part the heading above it in SUMMARY.md
 * @property {number} line of SUMMARY.md
 * @property {boolean} exists
 * @property {string} text
 * @property {import('./markdown.mjs').Markdown} markdown
 */

/**
 * @typedef {object} Book
 * @property {string} root of the repository
 * @property {string} src docs/src, absolute
 * @property {Page[]} pages in the order of SUMMARY.md
 * @property {string[]} strays pages that SUMMARY.md does not name, below docs/src
 */

export const SUMMARY = 'docs/src/SUMMARY.md';

/**
 * @param {string} root of the repository
 * @returns {Book}
 */
export function loadBook(root) {
  const src = path.join(root, 'docs/src');
  /** @type {Page[]} */
  const pages = [];
  let part = '';
  readFileSync(path.join(root, SUMMARY), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const heading = /^# (.*)/.exec(line);
      if (heading && heading[1] !== 'Summary') part = heading[1];
      const entry = /^\s*(?:[-*] )?\[([^\]]*)\]\(([^)]+)\)/.exec(line);
      if (entry) pages.push(loadPage(root, entry[2], entry[1], part, index + 1));
    });
  const named = new Set(pages.map((page) => page.name));
  const strays = /** @type {string[]} */ (readdirSync(src, { recursive: true }))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.md') && name !== 'SUMMARY.md' && !named.has(name));
  return { root, src, pages, strays };
}

/** @type {(root: string, name: string, title: string, part: string, line: number) => Page} */
function loadPage(root, name, title, part, line) {
  const file = path.posix.join('docs/src', name);
  const absolute = path.join(root, file);
  const exists = existsSync(absolute);
  const text = exists ? readFileSync(absolute, 'utf8') : '';
  return { name, file, absolute, title, part, line, exists, text, markdown: parseMarkdown(text) };
}

/** @returns {{ line: number, name: string } | undefined} the folder in which its commands run */
export function walkOf(/** @type {Page} */ page) {
  for (const { line, text } of page.markdown.comments) {
    const match = /^walk:\s*(\S+)$/.exec(text);
    if (match) return { line, name: match[1] };
  }
  return undefined;
}
