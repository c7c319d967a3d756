// Questions that check themselves: how a page writes one, and how the book's tests compute its answer. README.md has the form.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { outputLines } from './console.mjs';
import { parseInclude, resolveInclude } from './includes.mjs';

/**
 * @typedef {object} Choice
 * @property {number} line counted from 1, within the block
 * @property {boolean} right whether the page marks it as the right one
 * @property {string} text what the reader sees or types, in Markdown
 * @property {string | undefined} value what the tests compute if it is right; `text` without its marks if not given
 * @property {string} why in Markdown
 */

/**
 * @typedef {object} Source how the answer is computed
 * @property {number} line counted from 1, within the block
 * @property {'$' | 'run' | 'compile' | 'data'} kind
 * @property {string} text the command, or a file and what follows it
 */

/**
 * @typedef {object} Question
 * @property {string} id
 * @property {'choice' | 'short'} kind
 * @property {boolean} fails whether what computes the answer ends with an error
 * @property {string} text in Markdown, without code blocks
 * @property {string[]} code the lines of its code blocks, fences included
 * @property {Choice[]} choices
 * @property {Source} source
 */

const KINDS = /** @type {const} */ (['choice', 'short']);
const ATTRIBUTES = [...KINDS, 'id', 'fails'];
const SOURCE = /^(\$|run:|compile:|data:)\s+(.*)$/;

/** How a file is run, by its ending. What follows the file in `run:` goes to the program before it. */
const RUNNERS = /** @type {Record<string, (file: string, options: string) => string>} */ ({
  '.mjs': (file, options) => `node ${options} ${file}`,
  '.py': (file, options) => `python3 ${options} ${file}`,
  '.sh': (file, options) => `bash ${options} ${file}`,
  '.rs': (file, options) =>
    `out=$(mktemp -d) && rustc --edition 2024 ${options} -o "$out/program" ${file} && "$out/program"; code=$?; rm -r "$out"; exit $code`,
});

/**
 * @param {import('./markdown.mjs').Block} block
 * @returns {Question}
 * @throws {Error} if it is not written as a question is; the message says what to write
 */
export function parseQuestion(block) {
  const kinds = KINDS.filter((kind) => block.attributes.has(kind));
  if (kinds.length !== 1) throw new Error(`a question is one of ${KINDS.join(' and ')}: \`\`\`question,choice,id=NAME`);
  for (const name of block.attributes.keys())
    if (!ATTRIBUTES.includes(name)) throw new Error(`a question knows ${ATTRIBUTES.join(', ')}, not ${name}`);
  const id = block.attributes.get('id') ?? '';
  if (!/^[a-z][a-z0-9-]*$/.test(id)) throw new Error('a question has an id=NAME of small letters, digits and -');
  /** @type {string[]} */
  const text = [];
  /** @type {string[]} */
  const code = [];
  /** @type {Choice[]} */
  const choices = [];
  /** @type {Source | undefined} */
  let source;
  let fence = '';
  block.lines.forEach((line, index) => {
    const mark = /^\s*(`{3,})/.exec(line)?.[1];
    const choice = /^- \[([ x])\] (.*\S)\s*$/.exec(line);
    const from = SOURCE.exec(line);
    if (fence || (mark && choices.length === 0)) {
      code.push(line);
      if (!fence) fence = mark ?? '';
      else if (line.trim() === fence) fence = '';
    } else if (source) source.text += `\n${line}`;
    else if (choice)
      choices.push({ line: index + 1, right: choice[1] === 'x', text: choice[2], value: undefined, why: '' });
    else if (from && choices.length > 0)
      source = {
        line: index + 1,
        kind: /** @type {Source['kind']} */ (from[1].replace(':', '')),
        text: from[2],
      };
    else if (line.trim() === '') return;
    else if (choices.length === 0) text.push(line.trim());
    else if (/^ {2}\S/.test(line)) continueChoice(choices[choices.length - 1], line.trim());
    else
      throw new Error(
        `neither a choice (- [ ] …), nor an indented line of one, nor how it is computed: ${line.trim()}`,
      );
  });
  const question = { id, kind: kinds[0], fails: block.attributes.has('fails'), text: text.join(' '), code, choices };
  const problem = formProblem(question, source);
  if (problem || !source) throw new Error(problem);
  return { ...question, source: { ...source, text: source.text.trim() } };
}

/** @type {(choice: Choice, line: string) => void} */
function continueChoice(choice, line) {
  if (line.startsWith('= ') && choice.value === undefined && !choice.why) choice.value = line.slice(2).trim();
  else choice.why += `${choice.why ? ' ' : ''}${line}`;
}

/**
 * @param {Omit<Question, 'source'>} question
 * @param {Source | undefined} source
 * @returns {string | undefined}
 */
function formProblem({ kind, text, choices }, source) {
  if (!text) return 'the question asks nothing: write its text first';
  if (choices.length < (kind === 'short' ? 1 : 2)) return 'a question has choices: - [x] RIGHT and - [ ] WRONG';
  if (choices.filter(({ right }) => right).length !== 1) return 'a question marks one choice as right: - [x] …';
  const silent = choices.find(({ why }) => !why);
  if (silent) return `say below it, indented, why this choice is ${silent.right ? 'right' : 'wrong'}: ${silent.text}`;
  const seen = new Set();
  for (const choice of choices) {
    const value = valueOf(choice);
    if (seen.has(value)) return `two choices have the same value, ${value}: no answer could tell them apart`;
    seen.add(value);
  }
  if (!source)
    return 'say last how the answer is computed: $ COMMAND, run: FILE, compile: FILE, or data: FILE EXPRESSION';
  return undefined;
}

/** @type {(choice: Choice) => string} what the tests have to compute if it is right */
export const valueOf = ({ value, text }) => value ?? plain(text);

/** Text as a reader sees it, without the marks of Markdown. */
export const plain = (/** @type {string} */ markdown) =>
  markdown.replace(/`([^`]*)`|\*\*?([^*]+)\*\*?|\[([^\]]*)\]\([^)]*\)/g, (_, code, bold, link) => code ?? bold ?? link);

/** @type {(choice: Choice, computed: string) => boolean} */
function fits(choice, computed) {
  const value = valueOf(choice);
  const pattern = /^\/(.+)\/$/.exec(value);
  return pattern ? new RegExp(pattern[1], 'm').test(computed) : spaced(value) === spaced(computed);
}

const spaced = (/** @type {string} */ text) => text.trim().replace(/\s+/g, ' ');

/**
 * @param {Question} question
 * @param {string} computed
 * @returns {string | undefined} what is wrong with the mark
 */
export function verdict({ choices, source }, computed) {
  const right = choices.filter((choice) => fits(choice, computed));
  if (right.length === 1 && right[0].right) return undefined;
  const shown = computed.length > 600 ? `${computed.slice(0, 600)}…` : computed;
  const how = `${source.kind === '$' ? '$ ' : `${source.kind}: `}${source.text} gives:\n${shown.replace(/^/gm, '    ')}`;
  if (right.length > 1) return `the computed answer fits more than one choice; ${how}`;
  if (right.length === 1) return `the right answer is "${right[0].text}", and the page marks another; ${how}`;
  return `the computed answer is none of the choices; ${how}`;
}

/** What `run:`, `compile:` and `data:` name. */
function fileOf(/** @type {Source} */ { text }) {
  const [file] = text.split(/\s/, 1);
  return { file, rest: text.slice(file.length).trim() };
}

/**
 * @param {Question} question
 * @param {string} root of the repository
 * @returns {string | undefined} what the shell runs; undefined if the answer is data
 * @throws {Error} if such a file cannot be run
 */
export function commandOf({ source }, root) {
  if (source.kind === '$') return source.text;
  if (source.kind === 'data') return undefined;
  const { file, rest } = fileOf(source);
  const quoted = `'${path.join(root, file)}'`;
  if (source.kind === 'run') {
    const runner = RUNNERS[path.extname(file)];
    if (!runner) throw new Error(`run: knows ${Object.keys(RUNNERS).join(', ')}, not ${file}`);
    return runner(quoted, rest);
  }
  // Its value is `compiles`, or the codes of the errors.
  return (
    `out=$(mktemp -d); rustc --edition 2024 --crate-type lib --emit metadata -A warnings ${rest} --out-dir "$out" ${quoted} ` +
    `>"$out/said" 2>&1 && echo compiles || { codes=$(grep -E '^error' "$out/said" | grep -oE 'E[0-9]{4}' | sort -u); ` +
    `echo \${codes:-error}; }; rm -r "$out"`
  );
}

/**
 * Asks a shell for the answer.
 *
 * @param {Question} question
 * @param {{ root: string, shell: import('./shell.mjs').Shell }} place
 * @returns {Promise<string | undefined>} what is wrong
 */
export async function ask(question, { root, shell }) {
  const command = commandOf(question, root);
  if (command === undefined) return undefined; // data: `check` has looked
  // In a shell of its own: a question changes neither folder nor variables for what follows.
  const listings = path.join(root, 'docs/listings/questions');
  const { code, output } = await shell.run(`(\nQUESTIONS='${listings}'\n${command}\n)`);
  const computed = outputLines(output).join('\n');
  if (code === undefined) return `what computes the answer did not end in ${shell.timeout} s`;
  if ((code !== 0) !== question.fails) {
    const but = question.fails ? ', but the question says that it fails' : '; if that is the point, write `fails`';
    return `what computes the answer ended with ${code}${but}\n${computed.replace(/^/gm, '    ')}`;
  }
  return verdict(question, computed);
}

/**
 * What can be seen of a question without running anything, and the answers that are data.
 *
 * @param {string} root of the repository
 * @param {import('./book.mjs').Page} page
 * @param {import('./markdown.mjs').Block} block
 * @param {boolean} walked whether the page says in which folder its commands run
 * @returns {{ line: number, message: string }[]} the lines counted from 1, within the page
 */
export function checkQuestion(root, page, block, walked) {
  /** @type {{ line: number, message: string }[]} */
  const found = [];
  const add = (/** @type {number} */ line, /** @type {string} */ message) =>
    found.push({ line: block.line + line, message });
  let question;
  try {
    question = parseQuestion(block);
  } catch (error) {
    add(0, /** @type {Error} */ (error).message);
    return found;
  }
  const { source, code } = question;
  /** @type {string[]} */
  const shown = [];
  block.lines.forEach((line, index) => {
    if (!code.includes(line) || /^\s*(`{3,}.*)?$/.test(line)) return;
    const include = parseInclude(line);
    if (!include) {
      add(index + 1, `pasted code: include it from a file that is tested: ${line.trim()}`);
      return;
    }
    const result = resolveInclude(root, page.absolute, include);
    if ('problem' in result) add(index + 1, result.problem);
    shown.push(path.relative(root, path.resolve(path.dirname(page.absolute), include.file)));
  });
  if (source.kind !== 'data' && !walked)
    add(source.line, 'the answer is computed in a folder, but no <!-- walk: NAME --> says in which');
  if (source.kind === '$') return found;
  const { file, rest } = fileOf(source);
  if (!existsSync(path.join(root, file))) add(source.line, `there is no file ${file} (paths are from the root)`);
  else if (source.kind === 'data') {
    const wrong = dataProblem(question, root, file, rest);
    if (wrong) add(source.line, wrong);
  } else if (!shown.includes(file))
    add(source.line, `the question does not show ${file}, so nobody can answer it: include it above the choices`);
  return found;
}

/** @type {(question: Question, root: string, file: string, expression: string) => string | undefined} */
function dataProblem(question, root, file, expression) {
  if (!file.startsWith('docs/data/')) return `data: takes a file of docs/data, not ${file}`;
  if (!expression) return 'data: FILE is followed by an expression of JavaScript in which `data` is what the file has';
  try {
    const data = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    const value = new Function('data', `"use strict"; return (${expression});`)(data);
    if (!['string', 'number', 'boolean'].includes(typeof value))
      return `the expression gives ${JSON.stringify(value)}: a question needs a text, a number or a boolean`;
    return verdict(question, String(value));
  } catch (error) {
    return `the expression fails: ${/** @type {Error} */ (error).message}`;
  }
}
