// Writes the figures of README.md from the last run and build, or with --check says where they differ.
//
//   node readme.mjs [--check]

import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const readJson = async (path) => JSON.parse(await readFile(new URL(path, root), 'utf8'));

const MODULES = {
  'signer-raw': 'the signer behind a raw pointer ABI: no imports, no SIMD, every host runs it',
  'signer-raw-simd': 'the same source with SIMD',
  'signer-bindgen': 'the signer for JavaScript, through wasm-bindgen; in `target/pkg/`',
  'add-raw': 'a C function, linked into Rust: `add_numbers` is one `i32.add`',
  'add-bindgen': 'the same for JavaScript; in `target/pkg/`',
};

const number = (value) => value.toLocaleString('en-US');
const table = (head, rows) =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Rows are hosts, columns modules, as the terminal shows them. */
function matrix(report) {
  const columns = [...Object.keys(MODULES), 'probe', 'native'].filter((name) => report.matrix.some((cell) => cell.module === name));
  const rows = report.rows.map((row) => [
    `**${row.name}**`,
    ...columns.map((module) => {
      const cell = report.matrix.find((each) => each.row === row.name && each.module === module);
      return cell ? `${number(cell.verdicts.pass ?? 0)} / ${number(cell.planned)}` : '–';
    }),
  ]);
  const known = report.verdicts['known-gap'] ?? 0;
  const gaps = `${number(known)} are known gaps, each on record with its reason in [known-gaps.toml](hosts/known-gaps.toml)`;
  const total = `${number(report.verdicts.pass ?? 0)} of ${number(report.planned)} answers as expected; ${gaps}; ${report.reds.length} red.`;
  return `${table(['', ...columns.map((name) => `\`${name}\``)], rows)}\n\n${total}`;
}

function modules({ modules: built }) {
  const rows = Object.entries(MODULES).map(([name, what]) => {
    const { bytes, gzip_bytes: gzip } = built[name];
    return [`\`${name}\``, what, `${number(bytes)} (${number(gzip)})`];
  });
  return table(['module', 'what it is', 'bytes (gzip)'], rows).replace('| --- | ---: |', '| --- | --- |');
}

async function main() {
  const check = process.argv.includes('--check');
  const report = await readJson('target/report/report.json');
  const manifest = await readJson('target/modules/manifest.json');
  const blocks = { matrix: matrix(report), modules: modules(manifest) };

  const file = new URL('README.md', root);
  const before = await readFile(file, 'utf8');
  let after = before;
  for (const [name, text] of Object.entries(blocks)) {
    const block = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(<!-- /${name} -->)`);
    if (!block.test(after)) throw new Error(`README.md has no block between <!-- ${name}: … --> and <!-- /${name} -->`);
    after = after.replace(block, (_, start, end) => `${start}\n${text}\n\n${end}`);
  }
  if (after === before) return;
  if (!check) return writeFile(file, after);
  throw new Error('README.md shows other figures than the last run; `make run readme` brings it in step, then look at the diff');
}

await main().catch((error) => {
  console.error(`${fileURLToPath(import.meta.url).split('/').pop()}: ${error.message}`);
  process.exitCode = 1;
});
