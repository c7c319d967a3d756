// What is written by a program and committed: pages of figures, and the pictures. Here it is made, and compared.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { claimsPage } from './claims.mjs';
import { COMPONENTS, MATRIX, SIZES, SPEED, checkSizes } from './data.mjs';
import { LISTINGS, listingsPage } from './listings.mjs';
import { GLOSSARY, GLOSSARY_PAGE, glossaryPage } from './glossary.mjs';
import { componentCost, matrixPage, sizesPage, smallLadder, smallPrice, speedPage, speedTablesPage } from './pages.mjs';
import { GAPS, wasiDifferences } from './wasi.mjs';

const ADVICE = '`node docs/tool/main.mjs generate` writes it';

/** @type {{ file: string, from: string, make: (root: string) => string }[]} `from`: without it the page is not made */
const PAGES = [
  { file: `docs/src/${GLOSSARY_PAGE}`, from: GLOSSARY, make: glossaryPage },
  { file: 'docs/src/claims.md', from: 'docs/claims.toml', make: claimsPage },
  { file: 'docs/src/matrix.md', from: MATRIX, make: matrixPage },
  { file: 'docs/src/sizes.md', from: SIZES, make: sizesPage },
  { file: 'docs/src/speed.md', from: SPEED, make: speedPage },
  { file: 'docs/src/speed-tables.md', from: SPEED, make: speedTablesPage },
  { file: LISTINGS, from: LISTINGS, make: listingsPage },
  {
    file: 'docs/src/further/bytes.md',
    from: SIZES,
    make: (root) => withPart(root, 'docs/src/further/bytes.md', 'small-ladder', smallLadder),
  },
  {
    file: 'docs/src/further/bytes.md',
    from: SPEED,
    make: (root) => withPart(root, 'docs/src/further/bytes.md', 'small-price', smallPrice),
  },
  {
    file: 'docs/src/hosts/components.md',
    from: COMPONENTS,
    make: (root) => withPart(root, 'docs/src/hosts/components.md', 'component-cost', componentCost),
  },
  {
    file: 'docs/src/hosts/wasi-programs.md',
    from: GAPS,
    make: (root) => withPart(root, 'docs/src/hosts/wasi-programs.md', 'wasi-differences', wasiDifferences),
  },
];

/**
 * A page written by hand, except for one part: what is between `<!-- begin NAME: … -->` and `<!-- end NAME -->`.
 *
 * @param {string} root
 * @param {string} file
 * @param {string} name
 * @param {(root: string) => string} make the part
 * @returns {string} the page with the part as it should be
 * @throws {Error} if the page has no such part
 */
function withPart(root, file, name, make) {
  const page = readFileSync(path.join(root, file), 'utf8');
  const part = new RegExp(`(<!-- begin ${name}: .* -->\\n)[^]*(<!-- end ${name} -->)`);
  if (!part.test(page)) throw new Error(`${file} has no <!-- begin ${name}: … --> with its end`);
  const made = make(root);
  return page.replace(part, (_, begin, end) => `${begin}\n${made}\n\n${end}`);
}

/** @returns {{ script: string, file: string }[]} from the root of the repository */
function pictures(/** @type {string} */ root) {
  const folder = path.join(root, 'docs/pictures');
  if (!existsSync(folder)) return [];
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  return scripts
    .sort()
    .map((name) => ({ script: `docs/pictures/${name}`, file: `docs/src/pictures/${name.replace(/\.mjs$/, '.svg')}` }));
}

/** @returns {{ svg: string } | { problem: string }} */
function draw(/** @type {string} */ root, /** @type {string} */ script) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) return { problem: `fails (${status}): ${stderr.trim().split('\n').slice(-3).join(' ')}` };
  for (const part of ['<svg', '<title', '<desc'])
    if (!stdout.includes(part)) return { problem: `prints no ${part}…: a picture has a title and a description` };
  return { svg: stdout };
}

/** @param {string} root */
export function writeGenerated(root) {
  mkdirSync(path.join(root, 'docs/src/pictures'), { recursive: true });
  for (const { file, from, make } of PAGES)
    if (existsSync(path.join(root, from))) writeFileSync(path.join(root, file), make(root));
  for (const { script, file } of pictures(root)) {
    const drawn = draw(root, script);
    if ('problem' in drawn) throw new Error(`${script} ${drawn.problem}`);
    writeFileSync(path.join(root, file), drawn.svg);
  }
}

/**
 * @param {string} root
 * @param {import('./problems.mjs').Problems} problems
 */
export async function checkGenerated(root, problems) {
  const text = (/** @type {string} */ file) =>
    existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : undefined;
  for (const { file, from, make } of PAGES) {
    if (text(from) === undefined) continue;
    let made;
    try {
      made = make(root);
    } catch (error) {
      problems.add(from, 0, `cannot be read: ${/** @type {Error} */ (error).message}`);
      continue;
    }
    if (made !== text(file))
      problems.add(file, firstDifference(made, text(file) ?? ''), `is not what ${from} gives; ${ADVICE}`);
  }
  const drawings = pictures(root);
  for (const { script, file } of drawings) {
    const drawn = draw(root, script);
    if ('problem' in drawn) problems.add(script, 0, drawn.problem);
    else if (drawn.svg !== text(file)) problems.add(file, 0, `is not what ${script} draws; ${ADVICE}`);
  }
  const folder = path.join(root, 'docs/src/pictures');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!drawings.some(({ file }) => file === `docs/src/pictures/${name}`)) {
      problems.add(
        `docs/src/pictures/${name}`,
        0,
        `no script draws it: write docs/pictures/${name.replace(/\.svg$/, '.mjs')}`,
      );
    }
  }
  checkSizes(root, problems);
}

function firstDifference(/** @type {string} */ a, /** @type {string} */ b) {
  const other = b.split('\n');
  return a.split('\n').findIndex((line, index) => line !== other[index]) + 1;
}
