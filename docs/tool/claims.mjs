// The chapter's claims: docs/claims.toml, the tests that check them, and the page that is made of it.

import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { typedFigure, withFigures } from './figures.mjs';
import { parseTables } from './toml.mjs';

const FILE = 'docs/claims.toml';
const KEYS = ['id', 'section', 'claim', 'test', 'holds', 'figure', 'note'];
const REQUIRED = ['id', 'section', 'claim', 'test', 'holds'];
const HOLDS = /** @type {const} */ ({ yes: 'holds', partly: 'holds in part', no: 'no longer holds' });

/** For a claim about people or other projects, which no program can check. */
const NO_TEST = 'none';

/**
 * @typedef {object} Claim
 * @property {number} line
 * @property {string} id
 * @property {string} section
 * @property {string} claim in our words
 * @property {string[]} tests each `FILE::name`; none where no program can check it
 * @property {keyof typeof HOLDS} holds
 * @property {string} figure with `{…}` for each number, which docs/data has
 * @property {string} note
 */

/** @type {(table: import('./toml.mjs').Table) => Claim} */
function claimOf({ line, values }) {
  const [id, section, claim, test, holds, figure, note] = KEYS.map((key) => values.get(key) ?? '');
  const tests = test === NO_TEST ? [] : test.split(/;\s+(?=[\w./-]+::)/);
  return { line, id, section, claim, tests, holds: /** @type {keyof typeof HOLDS} */ (holds), figure, note };
}

export function checkClaims(/** @type {string} */ root, /** @type {import('./problems.mjs').Problems} */ problems) {
  if (!existsSync(path.join(root, FILE))) {
    problems.add(FILE, 0, 'is missing');
    return;
  }
  let tables;
  try {
    tables = readTables(root);
  } catch (error) {
    problems.add(FILE, 0, /** @type {Error} */ (error).message);
    return;
  }
  const ids = new Set();
  for (const table of tables) {
    const add = (/** @type {string} */ what) => problems.add(FILE, table.line, what);
    for (const key of REQUIRED) if (!table.values.get(key)) add(`the claim has no ${key}`);
    for (const key of table.values.keys())
      if (!KEYS.includes(key)) add(`a claim has no ${key}; it has ${KEYS.join(', ')}`);
    const { id, holds, tests, figure, note } = claimOf(table);
    if (ids.has(id)) add(`the id ${id} is given twice`);
    ids.add(id);
    if (!(holds in HOLDS)) add(`holds is ${Object.keys(HOLDS).join(', ')}, not ${holds}`);
    if (tests.length === 0 && !note) add(`${id}: without a test it needs a note that says why`);
    const typed = typedFigure(figure);
    if (typed) add(`${id}: the figure ${typed} is typed: write {bytes NAME} or the like, so that docs/data gives it`);
    for (const test of tests) {
      const problem = problemOfTest(root, test);
      if (problem) add(`${id}: ${problem}`);
    }
  }
}

/** @throws {Error} if the file is not what it should be */
const readTables = (/** @type {string} */ root) => parseTables(readFileSync(path.join(root, FILE), 'utf8'), 'claim');

/** @returns {string | undefined} */
function problemOfTest(/** @type {string} */ root, /** @type {string} */ test) {
  const at = test.indexOf('::');
  if (at < 0) return `the test ${test} is not FILE::NAME`;
  const [file, name] = [test.slice(0, at), test.slice(at + 2)];
  const absolute = path.join(root, file);
  if (!existsSync(absolute) || !statSync(absolute).isFile()) return `the test's file ${file} is gone`;
  const text = readFileSync(absolute, 'utf8');
  const found = /^\w+$/.test(name) ? new RegExp(`\\b${name}\\b`).test(text) : text.includes(name);
  return name && found ? undefined : `there is no ${name || 'name'} in ${file}: the claim's test is gone`;
}

/** @returns {string} docs/src/claims.md */
export function claimsPage(/** @type {string} */ root) {
  const claims = readTables(root).map(claimOf);
  const count = (/** @type {string} */ holds) => claims.filter((claim) => claim.holds === holds).length;
  const untested = claims.filter((claim) => claim.tests.length === 0).length;
  const parts = [
    '# The chapter’s claims',
    '<!-- written by `node docs/tool/main.mjs generate` from docs/claims.toml; `make test-book` compares it -->',
    `This book began with a chapter of another book, written with older tools. This page lists each of that chapter's claims in our words, whether it
still holds with today’s versions, what we measured, and the test in this repository that checks it. Of ${claims.length} claims, ${count('yes')} hold,
${count('partly')} hold in part and ${count('no')} no longer hold. No program can check ${untested} of them, which are opinions or about other projects.`,
    '`make test-book` fails if a test in this list is gone; the tests themselves run in `make test-all`.',
  ];
  for (const section of new Set(claims.map((claim) => claim.section))) {
    const rows = claims.filter((claim) => claim.section === section).map((claim) => row(root, claim));
    parts.push(
      `## ${section}`,
      '<div class="claims">',
      ['| it says | now | seen in |', '| --- | --- | --- |', ...rows].join('\n'),
      '</div>',
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** @type {(root: string, claim: Claim) => string} */
function row(root, { id, claim, holds, figure, note, tests }) {
  const measured = figure && `Our figure: ${withFigures(root, figure)}.`;
  const now = [`**${HOLDS[holds]}**`, withFigures(root, note), measured].filter(Boolean).join('<br>');
  const names = tests.map(
    (test) => `\`${test.slice(test.indexOf('::') + 2)}\` in \`${test.slice(0, test.indexOf('::'))}\``,
  );
  const cells = [`<span id="${id}"></span>${claim}`, now, names.join('<br>') || 'no program can check this'];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
