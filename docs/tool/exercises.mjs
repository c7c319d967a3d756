// The exercises: each has a start that is not solved and a solution that is.

import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { Problems } from './problems.mjs';
import { Shell } from './shell.mjs';

const FOLDER = 'docs/listings/exercises';

/** @returns {string[]} their names */
export function exercisesOf(/** @type {string} */ root) {
  const folder = path.join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => statSync(path.join(folder, name)).isDirectory())
    .sort();
}

/** Without running anything: their form, and that a page shows each. */
export function checkExercises(/** @type {import('./book.mjs').Book} */ book, /** @type {Problems} */ problems) {
  for (const name of exercisesOf(book.root)) {
    const folder = path.join(book.root, FOLDER, name);
    for (const part of ['start', 'solution', 'check.sh']) {
      if (!existsSync(path.join(folder, part))) problems.add(`${FOLDER}/${name}`, 0, `the exercise has no ${part}`);
    }
    const script = path.join(folder, 'check.sh');
    if (existsSync(script) && !(statSync(script).mode & 0o100))
      problems.add(`${FOLDER}/${name}/check.sh`, 0, 'is not executable: chmod +x');
    if (!book.pages.some((page) => page.text.includes(`/exercises/${name}/solution/`))) {
      problems.add(`${FOLDER}/${name}`, 0, 'no page shows the solution of this exercise by an include');
    }
  }
}

/**
 * @param {string} root
 * @param {string[]} names all where there are none
 * @param {{ say?: (text: string) => void, timeout?: number }} [options]
 * @returns {Promise<Problems>}
 */
export async function runExercises(root, names, { say = () => {}, timeout = 600 } = {}) {
  const problems = new Problems();
  const all = exercisesOf(root);
  for (const name of names.filter((each) => !all.includes(each)))
    problems.add(FOLDER, 0, `there is no exercise ${name}`);
  const shell = new Shell(root, { timeout });
  try {
    for (const name of names.length > 0 ? all.filter((each) => names.includes(each)) : all) {
      const folder = `${FOLDER}/${name}`;
      for (const part of ['start', 'solution']) {
        say(`${name}: ${part}`);
        const { code, output } = await shell.run(`cd "${root}" && "${folder}/check.sh" "${folder}/${part}"`);
        const problem = verdict(part, code, timeout);
        if (problem) problems.add(`${folder}/check.sh`, 0, `${problem}\n${indented(output)}`);
      }
    }
  } finally {
    shell.close();
  }
  return problems;
}

function verdict(/** @type {string} */ part, /** @type {number | undefined} */ code, /** @type {number} */ timeout) {
  if (code === undefined) return `did not end in ${timeout} s with ${part}`;
  if (code === 126 || code === 127) return `cannot run with ${part}: something it calls is not there (${code})`;
  if (part === 'start' && code === 0)
    return 'passes with start: an exercise whose starting point is solved teaches nothing';
  if (part === 'solution' && code !== 0) return `fails with solution (${code})`;
  return undefined;
}

/** @param {string} output */
const indented = (output) =>
  output
    .trimEnd()
    .split('\n')
    .slice(-20)
    .map((line) => `    ${line}`)
    .join('\n');
