// Puts everything that the live parts load beside a built book: `node docs/live/copy.mjs BOOK`, as `make book` does.
// Into BOOK/live: this folder, the wrappers of hosts/browser, tweetnacl, and what is shown of the last run's report;
// into BOOK/modules: the modules. Fails where one of them is not there; only the report may be missing.

import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const LIVE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(LIVE, '../..');

/** Where it goes in the book, from where in the workspace. */
const FILES = {
  ...fromFolder('live/host', 'hosts/browser', ['signer.mjs', 'batch-modules.mjs', 'codes.mjs', 'adder.mjs']),
  ...fromFolder('live/vendor', 'hosts/browser/node_modules/tweetnacl', ['nacl-fast.min.js']),
  ...fromFolder('modules', 'target/modules', ['signer-raw.wasm', 'signer-raw-simd.wasm', 'add-raw.wasm']),
  ...fromFolder('modules', 'target/modules', ['signer-lanes.wasm', 'signer-lanes-relaxed.wasm']),
  ...fromFolder('modules', 'target/modules', ['signer-small.wasm', 'signer-small-fast.wasm', 'signer-small-sign.wasm']),
};

/** What is not for the book. */
const NOT_COPIED = new Set(['copy.mjs', 'README.md', 'check.sh', 'tests', 'tsconfig.json', 'eslint.config.mjs']);

/** What the matrix shows of a report: not the results, which are megabytes. */
const SHOWN = [
  'tool',
  'started',
  'end',
  'strict',
  'planned',
  'executed',
  'verdicts',
  'rows',
  'modules',
  'matrix',
  'known_gaps',
];

/** @param {string} book the folder of the built book */
export async function copyLive(book) {
  for (const name of await readdir(LIVE)) {
    if (!NOT_COPIED.has(name)) await put(path.join(book, 'live', name), path.join(LIVE, name));
  }
  for (const [to, from] of Object.entries(FILES)) await put(path.join(book, to), path.join(ROOT, from));
  await writeFile(path.join(book, 'live/report.json'), await shownReport(path.join(ROOT, 'target/report/report.json')));
}

/**
 * @param {string} file
 * @returns {Promise<string>} JSON: `null` where there was no run
 */
async function shownReport(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return 'null\n';
    throw error;
  }
  const report = JSON.parse(text);
  if (report.schema !== 'everyhost/report/1')
    throw new Error(`${file}: its schema is ${report.schema}, not the one known here`);
  return `${JSON.stringify(Object.fromEntries(SHOWN.map((name) => [name, report[name]])))}\n`;
}

/**
 * @param {string} to
 * @param {string} from
 */
async function put(to, from) {
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await cp(from, to);
  } catch (cause) {
    const hint = from.includes('node_modules') ? 'make setup gets it' : 'make modules builds it';
    throw new Error(`${path.relative(ROOT, from)} cannot be copied; ${hint}`, { cause });
  }
}

/**
 * @param {string} to
 * @param {string} from
 * @param {string[]} names
 */
function fromFolder(to, from, names) {
  return Object.fromEntries(names.map((name) => [`${to}/${name}`, `${from}/${name}`]));
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.length !== 3) {
    console.error('usage: node docs/live/copy.mjs BOOK');
    process.exitCode = 2;
  } else {
    await copyLive(process.argv[2]).catch((error) => {
      console.error(`live: ${error.message}`);
      process.exitCode = 1;
    });
  }
}
