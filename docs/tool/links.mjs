// Links: to pages, to headings, to files of the repository that the book shows, and out.

import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** @type {(name: string) => string} the file that mdBook makes of a page */
export const htmlName = (name) => name.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');

/**
 * @param {import('./book.mjs').Book} book
 * @param {import('./problems.mjs').Problems} problems
 */
export function checkLinks(book, problems) {
  const byFile = new Map(book.pages.map((page) => [page.absolute, page]));
  for (const page of book.pages) {
    for (const { line, target } of page.markdown.links) {
      const problem = problemOf(book, byFile, page, target);
      if (problem) problems.add(page.file, line, problem);
    }
  }
}

/**
 * @param {import('./book.mjs').Book} book
 * @param {Map<string, import('./book.mjs').Page>} byFile
 * @param {import('./book.mjs').Page} page
 * @param {string} target
 * @returns {string | undefined}
 */
function problemOf(book, byFile, page, target) {
  if (/^https:\/\//.test(target)) return undefined; // out: not fetched
  if (/^(http:|\/\/)/.test(target)) return `the link ${target} is not https`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return `the link ${target} is neither relative nor https`;
  if (target.startsWith('/'))
    return `the link ${target} begins with /: make it relative, the book may be in any folder`;
  const [file, heading] = split(target);
  const absolute = file === '' ? page.absolute : path.resolve(path.dirname(page.absolute), file);
  const other = byFile.get(absolute);
  if (!other) {
    if (file.endsWith('.md') && absolute.startsWith(book.src))
      return `dead link: there is no page ${file} in SUMMARY.md`;
    if (!absolute.startsWith(book.src + path.sep)) {
      return `the link ${target} leaves docs/src, and would be dead in the built book: name the file in \`code\` instead`;
    }
    if (!existsSync(absolute) || !statSync(absolute).isFile()) return `dead link: there is no file ${file}`;
    return undefined;
  }
  if (!other.exists) return `dead link: ${other.file} is not written yet`;
  if (heading === undefined || heading === '') return undefined;
  const ids = [
    ...other.markdown.headings.map(({ id }) => id),
    ...other.markdown.terms.map(({ id }) => id),
    ...[...other.text.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]),
  ];
  if (ids.includes(heading)) return undefined;
  return `dead heading: ${other.file} has no heading #${heading}; it has ${ids.map((id) => `#${id}`).join(', ')}`;
}

/** @returns {[string, string | undefined]} */
function split(/** @type {string} */ target) {
  const hash = target.indexOf('#');
  const file = hash < 0 ? target : target.slice(0, hash);
  return [decodeURIComponent(file), hash < 0 ? undefined : decodeURIComponent(target.slice(hash + 1))];
}

/** What a page of the built book may not load: anything that is not beside it. */
const LOADED = /<(?:script|img|link|iframe|source|video|audio)\b[^>]*?\b(?:src|href)="((?:https?:)?\/\/[^"]*)"/g;
const LOADED_BY_STYLE = /(?:url\(\s*['"]?|@import\s+['"])((?:https?:)?\/\/[^'")]+)/g;

/**
 * @param {string} text of a file of the built book
 * @param {string} name of the file
 * @returns {string[]} the addresses that it loads from elsewhere
 */
export function loadedFromElsewhere(text, name) {
  const found = name.endsWith('.css') ? text.matchAll(LOADED_BY_STYLE) : text.matchAll(LOADED);
  // A <link> that is not loaded: the page's own address, for search engines.
  return [...found].filter((match) => !/rel="canonical"/.test(match[0])).map((match) => match[1]);
}

/** @returns {string[]} the files of the book that the content of a built page links to */
const linksInside = (/** @type {string} */ html) =>
  [...(/<main>[^]*<\/main>/.exec(html)?.[0] ?? '').matchAll(/<a\b[^>]*?\bhref="(?!https?:|#)([^"#]+)/g)].map((match) =>
    decodeURIComponent(match[1]),
  );

/** @returns {string | undefined} where the link "Suggest an edit" of a built page leads */
const editLink = (/** @type {string} */ html) =>
  /<a\b[^>]*\brel="edit"[^>]*>/.exec(html)?.[0].match(/\bhref="([^"]*)"/)?.[1];

/**
 * @param {import('./book.mjs').Book} book
 * @param {string[]} files of the built book, below target/book
 * @param {import('./problems.mjs').Problems} problems
 */
export function checkBuilt({ root, pages }, files, problems) {
  /** @type {Map<string, string | undefined>} by the page's file */
  const edits = new Map();
  for (const { name, file } of pages) {
    const html = htmlName(name);
    if (files.includes(html)) edits.set(file, editLink(readFileSync(path.join(root, 'target/book', html), 'utf8')));
    else problems.add(file, 0, `is not in target/book as ${html}: make book`);
  }
  // Without the repository's address, which docs/build.sh takes, no page has one.
  const hasLinks = [...edits.values()].some((target) => target !== undefined);
  for (const [file, target] of edits) {
    if (hasLinks && !target) problems.add(file, 0, 'has no link to edit it, and other pages have one');
    else if (target && !(target.endsWith(`/${file}`) && existsSync(path.join(root, file))))
      problems.add(file, 0, `its link to edit it leads to ${target}, which is not this page's file`);
  }
  for (const file of files) {
    const text = readFileSync(path.join(root, 'target/book', file), 'utf8');
    for (const target of linksInside(text)) {
      // mdBook's page for addresses that lead nowhere has links from the root of a site.
      if (file === '404.html' || existsSync(path.resolve(root, 'target/book', path.dirname(file), target))) continue;
      problems.add(`target/book/${file}`, 0, `links to ${target}, which is not in the built book`);
    }
    for (const address of loadedFromElsewhere(text, file)) {
      problems.add(`target/book/${file}`, 0, `loads ${address}: no asset may come from elsewhere`);
    }
    if (file.endsWith('.html') && text.includes('{{#'))
      problems.add(`target/book/${file}`, 0, 'shows an include that mdBook did not expand');
  }
}
