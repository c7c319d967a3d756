// Everything about the book that can be seen without building or running anything.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { SUMMARY, loadBook, walkOf } from './book.mjs';
import { checkClaims } from './claims.mjs';
import { ATTRIBUTES, parseConsole } from './console.mjs';
import { checkExercises } from './exercises.mjs';
import { checkGlossary, checkTerms } from './glossary.mjs';
import { checkGenerated } from './generated.mjs';
import { parseInclude, resolveInclude } from './includes.mjs';
import { checkBuilt, checkLinks } from './links.mjs';
import { Problems } from './problems.mjs';
import { checkQuestion } from './questions.mjs';

/** What mdBook and others would take for something else than prose. */
const MACHINE_PATH = /(^|[\s'"=(])\/(home|root|Users|work|tmp\/everyhost-walk)\b/;

/** Parts whose pages have no exercises. */
const WITHOUT_EXERCISES = ['', 'Appendix', 'For contributors'];

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
    else new PageCheck(root, page, problems).run();
  }
  for (const name of book.strays) problems.add(`docs/src/${name}`, 0, `is not in SUMMARY.md: nobody would find it`);
  checkIds(book, problems);
  const seen = new Map();
  for (const page of book.pages) {
    if (seen.has(page.name)) problems.add(SUMMARY, page.line, `${page.name} is already on line ${seen.get(page.name)}`);
    seen.set(page.name, page.line);
  }
  checkLinks(book, problems);
  checkGlossary(book, problems);
  checkTerms(book, problems);
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

/**
 * The ids of questions: each is where the reader's browser keeps an answer.
 *
 * @param {import('./book.mjs').Book} book
 * @param {Problems} problems
 */
function checkIds(book, problems) {
  /** @type {Map<string, string>} */
  const seen = new Map();
  for (const { file, markdown } of book.pages)
    for (const { line, language, attributes } of markdown.blocks) {
      const id = attributes.get('id');
      if (language !== 'question' || !id) continue;
      const first = seen.get(id);
      if (first) problems.add(file, line, `the question ${id} is already in ${first}: an id is used once in the book`);
      else seen.set(id, `${file}:${line}`);
    }
}

/** @param {string} folder */
const builtFiles = (folder) =>
  /** @type {string[]} */ (readdirSync(folder, { recursive: true })).filter((name) => /\.(html|css)$/.test(name));

/** @typedef {import('./markdown.mjs').Block} Block */

/** The checks of one page. */
class PageCheck {
  #root;
  #page;
  #problems;

  /**
   * @param {string} root of the repository
   * @param {import('./book.mjs').Page} page
   * @param {Problems} problems
   */
  constructor(root, page, problems) {
    this.#root = root;
    this.#page = page;
    this.#problems = problems;
  }

  /**
   * @param {number} line
   * @param {string} message
   * @param {unknown} [isWrong]
   */
  #add(line, message, isWrong = true) {
    if (isWrong) this.#problems.add(this.#page.file, line, message);
  }

  run() {
    const { blocks, comments, headings } = this.#page.markdown;
    for (const block of blocks) this.#block(block);
    this.#prose();
    const [walk, second] = comments.filter(({ text }) => text.startsWith('walk:'));
    if (second) this.#add(second.line, 'a second <!-- walk: … -->: a page has one folder');
    if (walk) this.#add(walk.line, 'write <!-- walk: NAME -->, with one word', !walkOf(this.#page));
    const doing = blocks.find((block) => block.language === 'console' || block.attributes.has('file'));
    if (doing && !walk)
      this.#add(doing.line, 'the page has something to type, but no <!-- walk: NAME --> says in which folder');
    const titles = headings.filter(({ level }) => level === 1);
    this.#add(1, 'a page has one heading of the first level', titles.length !== 1);
    this.#exercises();
  }

  #exercises() {
    const { part, markdown } = this.#page;
    if (WITHOUT_EXERCISES.includes(part)) return;
    const questions = markdown.blocks.filter(({ language }) => language === 'question');
    this.#add(
      questions[0]?.line ?? 1,
      `the page has ${questions.length} questions: write two to four, in ## Questions before ## Exercises`,
      questions.length < 2 || questions.length > 4,
    );
    const heading = markdown.headings.findLast(({ level }) => level <= 2);
    if (heading?.text !== 'Exercises') {
      this.#add(heading?.line ?? 1, 'the page does not end with ## Exercises');
      return;
    }
    const isShown = markdown.blocks.some(
      (block) => block.line > heading.line && block.lines.some((line) => /\/exercises\/[^/]+\/solution\//.test(line)),
    );
    const advice = 'include it from docs/listings/exercises/…/solution/, in a <details>';
    this.#add(heading.line, `the exercises show no solution: ${advice}`, !isShown);
  }

  /** @param {Block} block */
  #block(block) {
    this.#add(block.line, 'the block is not closed', !block.closed);
    this.#add(block.line, 'the block has no language: say which, or text', block.language === '');
    if (block.language === 'console') {
      this.#console(block);
      return;
    }
    if (block.language === 'question') {
      const walked = walkOf(this.#page) !== undefined;
      for (const { line, message } of checkQuestion(this.#root, this.#page, block, walked)) this.#add(line, message);
      return;
    }
    const isText = block.language === 'text';
    if (isText && block.attributes.has('file'))
      this.#add(block.line, 'a text block cannot be written to a file: give its language, and include it');
    if (!isText || block.lines.some((line) => line.includes('{{#'))) this.#includes(block);
  }

  /** @param {Block} block */
  #includes({ line: start, attributes, lines, indent }) {
    this.#add(start, '`append` says to what: file=PATH', attributes.has('append') && !attributes.has('file'));
    this.#add(start, '`file=` has no path', attributes.get('file') === '');
    this.#add(start, 'the block is empty', lines.every(isBlank));
    this.#add(start, 'an include in an indented block loses its indent: end the list before it', indent !== '');
    lines.forEach((line, index) => {
      const at = start + 1 + index;
      const include = parseInclude(line);
      if (include) {
        const result = resolveInclude(this.#root, this.#page.absolute, include);
        if ('problem' in result) this.#add(at, result.problem);
      } else if (line.includes('{{#')) {
        this.#add(at, `not an include as the book has them, {{#include FILE:ANCHOR}}: ${line.trim()}`);
      } else {
        this.#add(at, `pasted code: include it from a file that is tested: ${line.trim()}`, !isBlank(line));
      }
    });
  }

  /** @param {Block} block */
  #console(block) {
    const known = [...ATTRIBUTES].join(' and ');
    for (const name of block.attributes.keys())
      this.#add(block.line, `a console block knows ${known}, not ${name}`, !ATTRIBUTES.has(name));
    try {
      parseConsole(block);
    } catch (error) {
      this.#add(block.line, /** @type {Error} */ (error).message);
    }
    block.lines.forEach((line, index) => {
      const at = block.line + 1 + index;
      this.#add(at, 'a console block is captured, not included', line.includes('{{#'));
      this.#add(at, `a path of one machine: choose a quieter command: ${line.trim()}`, MACHINE_PATH.test(line));
      this.#add(at, 'blanks at the end of the line', !line.startsWith('$ ') && line !== line.trimEnd());
    });
  }

  #prose() {
    const { prose } = this.#page.markdown;
    let isList = false;
    prose.forEach(({ line, text }, index) => {
      const isOutside = text.replace(/`[^`]*`/g, '').includes('{{#');
      this.#add(line, 'an include outside of a block: put a fence around it', isOutside);
      this.#add(line, '<pre>: pasted code; include it in a fenced block', /<pre\b/.test(text));
      if (/^\s*([-*+]|\d+[.)])\s/.test(text)) isList = true;
      else if (!isBlank(text) && !/^\s/.test(text)) isList = false;
      const before = prose[index - 1];
      const startsBlock = !before || before.line !== line - 1 || isBlank(before.text);
      const isCode = !isList && startsBlock && /^( {4}|\t)\s*\S/.test(text);
      this.#add(line, 'an indented line is a code block: pasted code, or an indent too many', isCode);
    });
  }
}

/** @param {string} line */
const isBlank = (line) => line.trim() === '';
