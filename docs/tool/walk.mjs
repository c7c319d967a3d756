// Types what the book shows, in the order in which it shows it, and compares what comes out.

import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

import { loadBook, walkOf } from './book.mjs';
import { blessed, diff, matches, modeOf, outputLines, parseConsole, unprintable } from './console.mjs';
import { expand } from './includes.mjs';
import { Lock } from './locks.mjs';
import { Problems } from './problems.mjs';
import { ask, parseQuestion } from './questions.mjs';
import { Shell } from './shell.mjs';

/**
 * @typedef {object} WalkOptions
 * @property {boolean} [bless] write what comes out into the pages, instead of comparing
 * @property {number} [timeout] of one command, in seconds
 * @property {(text: string) => void} [say] hears of progress
 */

/**
 * @param {string} root of the repository
 * @param {string[]} names of folders or pages; all of them where there are none
 * @param {WalkOptions} [options]
 * @returns {Promise<Problems>}
 */
export async function walk(root, names, { bless = false, timeout, say = () => {} } = {}) {
  const problems = new Problems();
  const folders = chosen(loadBook(root).pages, names, problems);
  const scratch = mkdtempSync(path.join(tmpdir(), 'everyhost-walk-'));
  try {
    for (const [name, pages] of folders) {
      const here = name === 'workspace' ? root : path.join(scratch, name);
      mkdirSync(here, { recursive: true });
      const fresh = () => new Shell(here, { toolchain: name === 'workspace' ? undefined : toolchainOf(root), timeout });
      let shell = fresh();
      const lock = name === 'workspace' ? undefined : new Lock(root, name, here);
      try {
        for (const page of pages) {
          // In the workspace each chapter starts at its root; elsewhere the reader has stayed where they were.
          if (name === 'workspace') {
            shell.close();
            shell = fresh();
          }
          say(`${page.file} in ${name}`);
          const began = performance.now();
          const went = await new PageWalk(page, { root, name, here, shell, lock, problems, bless, say }).run();
          say(`  took ${Math.round((performance.now() - began) / 1000)} s`);
          // In the workspace no page needs what another one made.
          if (!went && name !== 'workspace') break;
        }
      } finally {
        shell.close();
      }
    }
  } finally {
    // What a page started may still write there. rmSync tries the folder alone again, rm all of it.
    await rm(scratch, { recursive: true, force: true, maxRetries: 10 });
  }
  return problems;
}

/**
 * @param {import('./book.mjs').Page[]} pages
 * @param {string[]} names
 * @param {Problems} problems
 * @returns {Map<string, import('./book.mjs').Page[]>} by folder, in the order of SUMMARY.md
 */
function chosen(pages, names, problems) {
  /** @type {Map<string, import('./book.mjs').Page[]>} */
  const folders = new Map();
  for (const page of pages) {
    const folder = walkOf(page);
    if (folder) folders.set(folder.name, [...(folders.get(folder.name) ?? []), page]);
  }
  if (names.length === 0) return folders;
  /** @type {Map<string, import('./book.mjs').Page[]>} */
  const some = new Map();
  for (const name of names) {
    const isPage = (/** @type {import('./book.mjs').Page} */ page) =>
      [page.name, page.name.replace(/\.md$/, ''), page.file].includes(name);
    const page = pages.find(isPage);
    const folder = folders.has(name) ? name : page && walkOf(page)?.name;
    const all = folder === undefined ? undefined : folders.get(folder);
    if (folder === undefined || !all)
      problems.add(
        'docs/src/SUMMARY.md',
        0,
        `no folder and no page with commands is called ${name}; folders: ${[...folders.keys()].join(', ')}`,
      );
    // A page of the workspace stands alone; elsewhere it needs what the pages before it made.
    else some.set(folder, page && folder === 'workspace' ? [...(some.get(folder) ?? []), page] : all);
  }
  return some;
}

/**
 * @typedef {object} Place where a page is walked, and how
 * @property {string} root
 * @property {string} name of the folder
 * @property {string} here that folder
 * @property {Shell} shell
 * @property {Lock | undefined} lock
 * @property {Problems} problems
 * @property {boolean} bless
 * @property {(text: string) => void} say
 */

class PageWalk {
  /** @type {{ from: number, count: number, lines: string[] }[]} */
  #changes = [];
  #page;
  #place;

  constructor(/** @type {import('./book.mjs').Page} */ page, /** @type {Place} */ place) {
    this.#page = page;
    this.#place = place;
  }

  /** @returns {Promise<boolean>} false if what comes after it in this folder makes no sense any more */
  async run() {
    let good = true;
    for (const block of this.#page.markdown.blocks) {
      try {
        if (block.attributes.has('file')) this.#writeShown(block);
        else if (block.language === 'console') good = await this.#runBlock(block);
        else if (block.language === 'question') await this.#ask(block);
      } catch (error) {
        this.#add(block.line, /** @type {Error} */ (error).message);
        good = false;
      }
      if (!good) break;
    }
    if (this.#changes.length > 0) this.#writeChanges();
    return good;
  }

  #add(/** @type {number} */ line, /** @type {string} */ message) {
    this.#place.problems.add(this.#page.file, line, message);
  }

  /** @param {import('./markdown.mjs').Block} block */
  #writeShown(block) {
    const { root, name, here } = this.#place;
    if (name === 'workspace') throw new Error('in the workspace a page writes no file: take a folder of its own');
    const file = path.resolve(here, block.attributes.get('file') ?? '');
    if (!file.startsWith(here + path.sep))
      throw new Error(`file=${block.attributes.get('file')} is outside of the folder`);
    mkdirSync(path.dirname(file), { recursive: true });
    const text = expand(root, this.#page.absolute, block);
    if (!block.attributes.has('append')) writeFileSync(file, text);
    else appendFileSync(file, existsSync(file) && statSync(file).size > 0 ? `\n${text}` : text);
  }

  /** @returns {Promise<boolean>} whether each command ended as it should */
  async #runBlock(/** @type {import('./markdown.mjs').Block} */ block) {
    const { root, here, shell, lock, bless, say } = this.#place;
    const steps = parseConsole(block);
    for (const [index, { line, command, expected, start }] of steps.entries()) {
      const tell = (/** @type {string} */ text) => this.#add(line, `\`${command}\`${text}`);
      say(`  $ ${command}`);
      lock?.place();
      const { code, output } = await shell.run(command);
      const foreign = lock?.foreign();
      if (foreign) tell(`: ${foreign}`);
      const actual = outputLines(output);
      if (code === undefined) {
        tell(` did not end in ${shell.timeout} s; what it had printed:\n${diff([], actual)}`);
        return false;
      }
      const mustFail = block.attributes.has('fails') && index === steps.length - 1;
      if (mustFail ? code === 0 : code !== 0) {
        const but = mustFail ? ', but the block is marked as one that fails' : '';
        tell(` ended with ${code}${but}; it printed:\n${diff([], actual)}`);
        return false;
      }
      if (matches(expected, actual, modeOf(block.attributes))) continue;
      if (!bless) {
        const advice = 'see what is right; `node docs/tool/main.mjs bless` writes what came out into the page';
        const what = 'prints something else than the page shows (- shown, + printed)';
        tell(` ${what}; ${advice}\n${diff(expected, actual)}`);
        continue;
      }
      const lines = blessed(expected, actual);
      const wrong = unprintable(lines) ?? ofThisMachine(lines, [root, here, path.dirname(here), homedir()]);
      const indented = lines.map((line) => (line ? block.indent + line : line));
      if (wrong) tell(`: ${wrong}`);
      else this.#changes.push({ from: block.line + start, count: expected.length, lines: indented });
    }
    return true;
  }

  /** Whether the answer that the page marks is the one that is computed. Nothing after it depends on it. */
  async #ask(/** @type {import('./markdown.mjs').Block} */ block) {
    const { root, shell, lock, say } = this.#place;
    const question = parseQuestion(block);
    say(`  ? ${question.id}`);
    lock?.place();
    const wrong = await ask(question, { root, shell });
    if (wrong) this.#add(block.line, `question ${question.id}: ${wrong}`);
  }

  #writeChanges() {
    const lines = this.#page.text.split('\n');
    for (const { from, count, lines: output } of this.#changes.reverse()) lines.splice(from, count, ...output);
    writeFileSync(this.#page.absolute, lines.join('\n'));
  }
}

function ofThisMachine(/** @type {string[]} */ lines, /** @type {string[]} */ paths) {
  const bad = lines.find((line) => paths.some((each) => each.length > 1 && line.includes(each)));
  return bad === undefined ? undefined : `the output has a path of this machine (choose a quieter command): ${bad}`;
}

/** @returns {string | undefined} the toolchain of the workspace: the versions in outputs are its own */
function toolchainOf(/** @type {string} */ root) {
  const file = path.join(root, 'rust-toolchain.toml');
  return existsSync(file) ? /^channel = "(.*)"/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
}
