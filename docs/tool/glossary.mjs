// The glossary: docs/glossary.toml, the page that is made of it, and that each page links a term where it first uses it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { headingId } from './markdown.mjs';
import { parseTables } from './toml.mjs';

export const GLOSSARY = 'docs/glossary.toml';
export const GLOSSARY_PAGE = 'about/glossary.md';
const KEYS = ['term', 'forms', 'but', 'home', 'text'];

/** Pages that a program writes whole: their words are in its tables. */
const GENERATED = /<!-- written by `node docs\/tool\/main\.mjs generate`/;

/**
 * @typedef {object} Term
 * @property {number} line of docs/glossary.toml
 * @property {string} id its anchor
 * @property {string} term
 * @property {string[]} forms what is looked for in pages
 * @property {string[]} but phrases in which a form means something else
 * @property {string} home a page with a heading, or ''
 * @property {string} text in Markdown
 * @property {string | undefined} strange a key that is none
 */

const listed = (/** @type {string | undefined} */ text) =>
  (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

/** @type {(root: string) => Term[]} */
function readTerms(root) {
  return parseTables(readFileSync(path.join(root, GLOSSARY), 'utf8'), 'term').map(({ line, values }) => {
    const [term, forms, but, home, text] = KEYS.map((key) => values.get(key));
    return {
      line,
      id: headingId(term ?? ''),
      term: term ?? '',
      forms: listed(forms ?? term),
      but: listed(but),
      home: home ?? '',
      text: text ?? '',
      strange: [...values.keys()].find((key) => !KEYS.includes(key)),
    };
  });
}

/** @returns {string} the page */
export function glossaryPage(/** @type {string} */ root) {
  const terms = readTerms(root).sort((a, b) => a.term.localeCompare(b.term, 'en', { sensitivity: 'base' }));
  return `# Glossary

<!-- written by \`node docs/tool/main.mjs generate\` from ${GLOSSARY}; \`make test-book\` compares it -->

The terms of this book, each in a few plain sentences. When a page first uses a term, it links here.

${terms.map(({ term, text, home }) => `${term}\n: ${text}${home ? ` [More](../${home}).` : ''}`).join('\n\n')}
`;
}

/**
 * @param {import('./book.mjs').Book} book
 * @param {import('./problems.mjs').Problems} problems
 */
export function checkGlossary(book, problems) {
  if (!existsSync(path.join(book.root, GLOSSARY))) return;
  /** @type {Term[]} */
  let terms;
  try {
    terms = readTerms(book.root);
  } catch (error) {
    problems.add(GLOSSARY, 0, /** @type {Error} */ (error).message);
    return;
  }
  const seen = new Map();
  for (const { line, term, text, home, forms, strange } of terms) {
    const add = (/** @type {string} */ what) => problems.add(GLOSSARY, line, what);
    if (strange) add(`an entry has no ${strange}; it has ${KEYS.join(', ')}`);
    if (!term || !text) add('an entry has a term and a text');
    for (const form of new Set([headingId(term), ...forms])) {
      if (seen.has(form)) add(`${form} is already on line ${seen.get(form)}`);
      seen.set(form, line);
    }
    if (home && !book.pages.some(({ name }) => name === home.split('#', 1)[0])) add(`its home ${home} is no page`);
  }
}

/**
 * That each page links the terms that it uses.
 *
 * @param {import('./book.mjs').Book} book
 * @param {import('./problems.mjs').Problems} problems
 */
export function checkTerms(book, problems) {
  if (!existsSync(path.join(book.root, GLOSSARY))) return;
  const terms = readTerms(book.root);
  for (const page of book.pages)
    for (const { line, term, form } of unlinked(page, terms))
      problems.add(
        page.file,
        line,
        `the first "${form}" of the page is no link to the glossary (${term.id}): ` +
          '`node docs/tool/main.mjs glossary` writes it',
      );
}

/** @typedef {{ line: number, from: number, form: string, term: Term }} Use a term where a page first uses it, without a link */

/**
 * @param {import('./book.mjs').Page} page
 * @param {Term[]} terms
 * @returns {Use[]}
 */
function unlinked(page, terms) {
  if (GENERATED.test(page.text)) return [];
  /** @type {Use[]} */
  const found = [];
  const byForm = new Map(terms.flatMap((term) => term.forms.map((form) => [form, term])));
  const known = new Set(terms.filter(({ home }) => home.split('#', 1)[0] === page.name));
  const forms = [...byForm.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const any = new RegExp(`(?<![\\w./#-])(?:${forms.join('|')})(?![\\w/-]|\\.\\w)`, 'gi');
  for (const { line, text } of paragraphs(bodyOf(page))) {
    for (const { kind, from, text: part, target } of partsOf(text)) {
      if (kind === 'link') {
        const absolute = path.posix.join(path.posix.dirname(page.name), target);
        for (const term of terms)
          if (absolute === `${GLOSSARY_PAGE}#${term.id}` || (term.home && leadsTo(absolute, term, part)))
            known.add(term);
      } else
        for (const match of meant(part, terms).matchAll(any)) {
          const term = byForm.get(match[0]) ?? byForm.get(match[0][0].toLowerCase() + match[0].slice(1));
          if (!term || known.has(term)) continue;
          known.add(term);
          const before = text.slice(0, from + match.index).split('\n');
          found.push({ line: line + before.length - 1, from: before.at(-1)?.length ?? 0, form: match[0], term });
        }
    }
  }
  return found;
}

/** The text with blanks for the phrases in which a form means something else. */
const meant = (/** @type {string} */ text, /** @type {Term[]} */ terms) =>
  terms.flatMap(({ but }) => but).reduce((rest, phrase) => rest.replaceAll(phrase, ' '.repeat(phrase.length)), text);

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\#]/g, '\\$&');

/** A link to the page that explains it will do, if its text has the word. */
const leadsTo = (/** @type {string} */ target, /** @type {Term} */ { home, forms }, /** @type {string} */ text) =>
  target.split('#', 1)[0] === home.split('#', 1)[0] &&
  forms.some((form) => text.toLowerCase().includes(form.toLowerCase()));

/** The lines of its text: no headings, no HTML, no part that a program writes. */
function bodyOf(/** @type {import('./book.mjs').Page} */ page) {
  const made = page.markdown.comments.reduce((/** @type {[number, number][]} */ all, { line, text }) => {
    if (/^begin /.test(text)) all.push([line, Infinity]);
    else if (/^end /.test(text) && all.length > 0) all[all.length - 1][1] = line;
    return all;
  }, []);
  return page.markdown.prose.filter(
    ({ line, text }) => !/^(#|\s*<|\|[\s:|-]+\|$)/.test(text) && !made.some(([from, to]) => line > from && line < to),
  );
}

/** Lines that follow each other are one text: a link may begin on one and end on the next. */
function paragraphs(/** @type {{ line: number, text: string }[]} */ lines) {
  /** @type {{ line: number, text: string, next: number }[]} */
  const all = [];
  for (const { line, text } of lines) {
    const last = all.at(-1);
    if (last?.next === line) Object.assign(last, { text: `${last.text}\n${text}`, next: line + 1 });
    else all.push({ line, text, next: line + 1 });
  }
  return all;
}

/** @returns {{ kind: 'text' | 'link', from: number, text: string, target: string }[]} without code and tags */
function partsOf(/** @type {string} */ text) {
  /** @type {{ kind: 'text' | 'link', from: number, text: string, target: string }[]} */
  const parts = [];
  const special = /(`+)(?:(?!\1).)*\1|!?\[((?:[^\][`]|`[^`]*`)*)\]\(([^)]*)\)|<[^>\n]*>/g;
  let at = 0;
  for (const match of text.matchAll(special)) {
    parts.push({ kind: 'text', from: at, text: text.slice(at, match.index), target: '' });
    if (match[3] !== undefined && !match[0].startsWith('!'))
      parts.push({ kind: 'link', from: match.index, text: match[2], target: match[3] });
    at = match.index + match[0].length;
  }
  parts.push({ kind: 'text', from: at, text: text.slice(at), target: '' });
  return parts;
}

/**
 * Makes a link of the first use of each term on each page.
 *
 * @param {import('./book.mjs').Book} book
 * @param {string[]} names of pages; all if there are none
 * @returns {number} how many
 */
export function linkTerms({ root, pages }, names) {
  const terms = readTerms(root);
  let count = 0;
  for (const page of pages) {
    if (names.length > 0 && !names.includes(page.name) && !names.includes(page.name.replace(/\.md$/, ''))) continue;
    const lines = page.text.split('\n');
    const uses = unlinked(page, terms);
    const glossary = path.posix.relative(path.posix.dirname(page.name), GLOSSARY_PAGE);
    // From the end, so that what comes before in a line stays where it is.
    for (const { line, from, form, term } of uses.toReversed()) {
      const text = lines[line - 1];
      lines[line - 1] = `${text.slice(0, from)}[${form}](${glossary}#${term.id})${text.slice(from + form.length)}`;
    }
    if (uses.length > 0) {
      const changed = new Set(uses.map(({ line }) => line - 1));
      writeFileSync(page.absolute, wrapped(lines, changed).join('\n'));
    }
    count += uses.length;
  }
  return count;
}

/** As README.md asks. */
const WIDTH = 140;

/** What begins something else than the next line of a paragraph; without the marks of a list, than its first. */
const STARTS = /^\s*([-*+]\s|\d+[.)]\s|[>|<]|#{1,6}\s|[:=]\s|`{3}|~{3}|$)/;
const NO_TEXT = /^\s*([>|<]|#{1,6}\s|[:=]\s|`{3}|~{3}|$)/;

/**
 * @param {string[]} lines of a page
 * @param {Set<number>} changed which of them have become longer
 * @returns {string[]} the same, with new line breaks in each paragraph that is too wide
 */
function wrapped(lines, changed) {
  /** @type {string[]} */
  const result = [];
  for (let at = 0; at < lines.length; at++) {
    let end = at + 1;
    if (!NO_TEXT.test(lines[at])) while (end < lines.length && !STARTS.test(lines[end])) end++;
    const paragraph = lines.slice(at, end);
    const isTooWide = paragraph.some((line, index) => changed.has(at + index) && line.length > WIDTH);
    const isPlain = !NO_TEXT.test(lines[at]) && !paragraph.some((line) => /( {2}|\\)$/.test(line));
    result.push(...(isTooWide && isPlain ? wrap(paragraph) : paragraph));
    at = end - 1;
  }
  return result;
}

/** @returns {string[]} */
function wrap(/** @type {string[]} */ [first, ...rest]) {
  const marker = /^\s*(?:(?:[-*+]|\d+[.)])\s+)?/.exec(first)?.[0] ?? '';
  const indent = ' '.repeat(marker.length);
  const text = [first.slice(marker.length), ...rest.map((line) => line.trim())].join(' ');
  // Blanks in code and in links stay.
  const words = text.match(/(?:`[^`]*`|!?\[(?:`[^`]*`|[^\]`])*\]\([^)]*\)|\S)+/g) ?? [];
  const lines = [marker];
  for (const word of words) {
    const last = lines.length - 1;
    const isFirst = lines[last].trim() === '' || (last === 0 && lines[0] === marker);
    const fits = lines[last].length + word.length + 1 <= WIDTH;
    if (isFirst) lines[last] += word;
    else if (fits || STARTS.test(`${word} `)) lines[last] += ` ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
