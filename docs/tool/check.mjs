// Everything about the book that can be seen without building or running anything.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { SUMMARY, loadBook, walkOf } from './book.mjs';
import { checkClaims } from './claims.mjs';
import { ATTRIBUTES, parseConsole } from './console.mjs';
import { checkExercises } from './exercises.mjs';
import { checkGenerated } from './generated.mjs';
import { parseInclude, resolveInclude } from './includes.mjs';
import { checkBuilt, checkLinks } from './links.mjs';
import { Problems } from './problems.mjs';

/** What mdBook and others would take for something else than prose. */
const MACHINE_PATH = /(^|[\s'"=(])\/(home|root|Users|work|tmp\/everyhost-walk)\b/;

/** Pages that the tool writes; they have no exercises, as the pages of this part have none. */
const WITHOUT_EXERCISES = 'About';

/**
 * @param {string} root of the repository
 * @param {{ built?: boolean }} [options] `built`: look into target/book as well, which has to be there
 * @returns {Promise<Problems>}
 */
export async function check(root, { built = false } = {}) {
  const problems = new Problems();
  const book = loadBook(root);
  for (const page of book.pages) {
    if (!page.exists) problems.add(SUMMARY, page.line, `${page.file} is missing: write the page, or take it out`);
    else checkPage(root, page, problems);
  }
  for (const name of book.strays) problems.add(`docs/src/${name}`, 0, `is not in SUMMARY.md: nobody would find it`);
  const seen = new Map();
  for (const page of book.pages) {
    if (seen.has(page.name)) problems.add(SUMMARY, page.line, `${page.name} is already on line ${seen.get(page.name)}`);
    seen.set(page.name, page.line);
  }
  checkLinks(book, problems);
  checkExercises(book, problems);
  checkClaims(root, problems);
  await checkGenerated(root, problems);
  if (built) {
    const folder = path.join(root, 'target/book');
    if (!existsSync(folder)) problems.add('target/book', 0, 'is not there: make book');
    else checkBuilt(book, builtFiles(folder), problems);
  }
  return problems;
}

/** @param {string} folder */
const builtFiles = (folder) =>
  /** @type {string[]} */ (readdirSync(folder, { recursive: true })).filter((name) => /\.(html|css)$/.test(name));

/**
 * @param {string} root
 * @param {import('./book.mjs').Page} page
 * @param {Problems} problems
 */
function checkPage(root, page, problems) {
  const { blocks, prose, comments, headings } = page.markdown;
  for (const block of blocks) checkBlock(root, page, block, problems);
  checkProse(page, prose, problems);
  const walks = comments.filter(({ text }) => text.startsWith('walk:'));
  if (walks.length > 1) problems.add(page.file, walks[1].line, 'a second <!-- walk: … -->: a page has one folder');
  if (walks.length > 0 && !walkOf(page))
    problems.add(page.file, walks[0].line, 'write <!-- walk: NAME -->, with one word');
  const doing = blocks.find((block) => block.language === 'console' || block.attributes.has('file'));
  if (doing && walks.length === 0)
    problems.add(
      page.file,
      doing.line,
      'the page has something to type, but no <!-- walk: NAME --> says in which folder',
    );
  if (headings.filter(({ level }) => level === 1).length !== 1)
    problems.add(page.file, 1, 'a page has one heading of the first level');
  checkHasExercises(page, problems);
}

/**
 * @param {import('./book.mjs').Page} page
 * @param {Problems} problems
 */
function checkHasExercises(page, problems) {
  if (page.part === WITHOUT_EXERCISES || page.part === '') return;
  const heading = page.markdown.headings.findLast(({ level }) => level <= 2);
  if (heading?.text !== 'Exercises') {
    problems.add(page.file, heading?.line ?? 1, 'the page does not end with ## Exercises');
    return;
  }
  const shown = page.markdown.blocks.some(
    (block) => block.line > heading.line && block.lines.some((line) => /\/exercises\/[^/]+\/solution\//.test(line)),
  );
  if (!shown)
    problems.add(
      page.file,
      heading.line,
      'the exercises show no solution: include it from docs/listings/exercises/…/solution/, in a <details>',
    );
}

/**
 * @param {string} root
 * @param {import('./book.mjs').Page} page
 * @param {import('./markdown.mjs').Block} block
 * @param {Problems} problems
 */
function checkBlock(root, page, block, problems) {
  const add = (/** @type {number} */ line, /** @type {string} */ message) => problems.add(page.file, line, message);
  if (!block.closed) add(block.line, 'the block is not closed');
  if (block.language === '') add(block.line, 'the block has no language: say which, or text');
  if (block.language === 'console') checkConsole(page, block, problems);
  else if (block.language === 'text') {
    if (block.attributes.has('file'))
      add(block.line, 'a text block cannot be written to a file: give its language, and include it');
    const include = block.lines.findIndex((line) => line.includes('{{#'));
    if (include < 0) return;
    checkIncludes(root, page, block, problems);
  } else {
    checkIncludes(root, page, block, problems);
  }
}

/**
 * @param {string} root
 * @param {import('./book.mjs').Page} page
 * @param {import('./markdown.mjs').Block} block
 * @param {Problems} problems
 */
function checkIncludes(root, page, block, problems) {
  if (block.attributes.has('append') && !block.attributes.has('file'))
    problems.add(page.file, block.line, '`append` says to what: file=PATH');
  if (block.attributes.get('file') === '') problems.add(page.file, block.line, '`file=` has no path');
  if (block.lines.every((line) => line.trim() === '')) problems.add(page.file, block.line, 'the block is empty');
  if (block.indent !== '')
    problems.add(page.file, block.line, 'an include in an indented block loses its indent: end the list before it');
  block.lines.forEach((line, index) => {
    const at = block.line + 1 + index;
    const include = parseInclude(line);
    if (include) {
      const result = resolveInclude(root, page.absolute, include);
      if ('problem' in result) problems.add(page.file, at, result.problem);
    } else if (line.includes('{{#')) {
      problems.add(page.file, at, `not an include as the book has them, {{#include FILE:ANCHOR}}: ${line.trim()}`);
    } else if (line.trim() !== '') {
      problems.add(page.file, at, `pasted code: include it from a file that is tested: ${line.trim()}`);
    }
  });
}

/**
 * @param {import('./book.mjs').Page} page
 * @param {import('./markdown.mjs').Block} block
 * @param {Problems} problems
 */
function checkConsole(page, block, problems) {
  for (const name of block.attributes.keys()) {
    if (!ATTRIBUTES.has(name))
      problems.add(page.file, block.line, `a console block knows ${[...ATTRIBUTES].join(' and ')}, not ${name}`);
  }
  try {
    parseConsole(block);
  } catch (error) {
    problems.add(page.file, block.line, /** @type {Error} */ (error).message);
  }
  block.lines.forEach((line, index) => {
    const at = block.line + 1 + index;
    if (line.includes('{{#')) problems.add(page.file, at, 'a console block is captured, not included');
    if (MACHINE_PATH.test(line))
      problems.add(page.file, at, `a path of one machine: choose a quieter command: ${line.trim()}`);
    if (!line.startsWith('$ ') && line !== line.trimEnd()) problems.add(page.file, at, 'blanks at the end of the line');
  });
}

/**
 * @param {import('./book.mjs').Page} page
 * @param {{ line: number, text: string }[]} prose
 * @param {Problems} problems
 */
function checkProse(page, prose, problems) {
  let list = false;
  prose.forEach(({ line, text }, index) => {
    if (text.replace(/`[^`]*`/g, '').includes('{{#'))
      problems.add(page.file, line, 'an include outside of a block: put a fence around it');
    if (/<pre\b/.test(text)) problems.add(page.file, line, '<pre>: pasted code; include it in a fenced block');
    if (/^\s*([-*+]|\d+[.)])\s/.test(text)) list = true;
    else if (text.trim() !== '' && !/^\s/.test(text)) list = false;
    const before = prose[index - 1];
    const startsBlock = !before || before.line !== line - 1 || before.text.trim() === '';
    if (!list && startsBlock && /^( {4}|\t)\s*\S/.test(text))
      problems.add(page.file, line, 'an indented line is a code block: pasted code, or an indent too many');
  });
}
