// Writes the figures of README.md from the last run and build, and from the speeds that are committed in docs/data, or
// with --check says where they differ.
//
//   node readme.mjs [--check] [BLOCK…]    all blocks, or those named: matrix, modules, speed

import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const readJson = async (path) => JSON.parse(await readFile(new URL(path, root), 'utf8'));

const MODULES = {
  'signer-raw': 'the signer behind a raw pointer ABI: no imports, no SIMD, every host runs it',
  'signer-raw-simd': 'the same source with SIMD',
  'signer-lanes': 'made for batches, two messages a vector, SIMD; it does not verify',
  'signer-lanes-relaxed': 'the same for hosts with relaxed SIMD that fuses multiply and add',
  'signer-small': 'the same ABI but batches, in as few bytes as it takes',
  'signer-small-fast': 'the same, at full speed',
  'signer-small-sign': 'the same, and it only signs',
  'signer-bindgen': 'the signer for JavaScript, through wasm-bindgen; in `target/pkg/`',
  'add-raw': 'a C function, linked into Rust: `add_numbers` is one `i32.add`',
  'add-bindgen': 'the same for JavaScript; in `target/pkg/`',
};

const number = (value) => value.toLocaleString('en-US');
const table = (head, rows) =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const isPart = (row) => Boolean(row.sample);

/** Rows are hosts, columns modules, as the terminal shows them. */
function matrix(report, before, check) {
  const columns = [...Object.keys(MODULES), 'probe', 'native'].filter((name) => report.matrix.some((cell) => cell.module === name));
  const rows = report.rows.map((row) => [
    `**${row.name}**`,
    ...columns.map((module) => {
      const cell = report.matrix.find((each) => each.row === row.name && each.module === module);
      if (!cell) return '–';
      const passed = cell.verdicts.pass ?? 0;
      return passed === cell.planned ? number(passed) : `${number(passed)} / ${number(cell.planned)}`;
    }),
  ]);
  const known = report.verdicts['known-gap'] ?? 0;
  const gaps = `${number(known)} are known gaps, each on record with its reason in [known-gaps.toml](hosts/known-gaps.toml)`;
  const head = ['', ...columns.map((name) => `\`${name}\``)];
  if (report.rows.some(isPart)) {
    if (!check) throw new Error('the last run left cases out; run everything with `target/debug/everyhost run --strict --all`');
    // It has no figures of everything: those rows, and the total, stay as they are shown.
    const lines = before.trimEnd().split('\n');
    const shown = (row) => lines.find((line) => line.startsWith(`| ${row[0]} |`))?.slice(2, -2).split(' | ') ?? row;
    const merged = rows.map((row, at) => (isPart(report.rows[at]) ? shown(row) : row));
    return `${table(head, merged)}\n\n${lines.at(-1)}`;
  }
  const total = `${number(report.verdicts.pass ?? 0)} of ${number(report.planned)} answers as expected; ${gaps}; ${report.reds.length} red.`;
  return `${table(head, rows)}\n\n${total}`;
}

function modules({ modules: built }) {
  const rows = Object.entries(MODULES).map(([name, what]) => {
    const { bytes, gzip_bytes: gzip } = built[name];
    return [`\`${name}\``, what, `${number(bytes)} (${number(gzip)})`];
  });
  return table(['module', 'what it is', 'bytes (gzip)'], rows).replace('| --- | ---: |', '| --- | --- |');
}

/** What the README says of speed: on each host the fastest of ours, and each library beside it. From the committed file. */
function speed({ engines, finished, machine }) {
  const digits = (value) => (value >= 100 ? number(Math.round(value)) : value.toPrecision(value < 1 ? 2 : 3));
  const rows = engines.flatMap(({ engine, version, contestants, alone }) => {
    const best = contestants.find(({ kind }) => kind === 'ours');
    const times = Object.entries(best?.times_as_fast_as ?? {})
      .filter(([id]) => LIBRARIES[id])
      .map(([id, ratio]) => {
        const lone = id === 'tweetnacl' && alone.find((each) => each.id === best.id)?.times_as_fast_as[id];
        return `${digits(ratio)} × ${LIBRARIES[id]}${lone ? ` (alone ${digits(lone)})` : ''}`;
      });
    return best ? [[`**${engine}**`, version, best.label.replace('Everyhost ', ''), digits(best.median_us), times.join(', ')]] : [];
  });
  const head = ['', 'version', 'our fastest', 'µs a signature', 'times as fast as'];
  const lines = table(head, rows).replace('| --- | ---: | ---: | ---: | ---: |', '| --- | --- | --- | ---: | --- |');
  const promised = engines.flatMap(({ engine, expectations = [] }) => expectations.map((each) => ({ engine, ...each })));
  const kept = promised.filter(({ met }) => met).length;
  const how = `Measured on ${finished.slice(0, 10)}, ${machine.cpu}, ${machine.threads} threads: medians of rounds in turns, ratios worked out in each round.`;
  const promises = promised.length ? ` Of ${promised.length} ratios that are promised, ${kept} were seen.` : '';
  const lone = '“Alone” is each in a program of its own, where tweetnacl pays more for its garbage.';
  return `${lines}\n\n${how} ${lone}${promises} Other machines give other figures: \`make bench\` shows yours.`;
}

/** The libraries that a user would take otherwise, by their ids in bench.json. */
const LIBRARIES = {
  'node-crypto': 'node:crypto',
  webcrypto: 'WebCrypto',
  libsodium: 'libsodium.js',
  tweetnacl: 'tweetnacl',
  'native-held': 'native dalek',
  pynacl: 'PyNaCl',
  pyca: 'cryptography',
  'go-crypto': 'crypto/ed25519',
  jdk: 'the JDK',
  openssl: 'OpenSSL',
};

async function main() {
  const [names, check] = [process.argv.slice(2).filter((word) => word !== '--check'), process.argv.includes('--check')];
  const blocks = {
    matrix: async (shown) => matrix(await readJson('target/report/report.json'), shown, check),
    modules: async () => modules(await readJson('target/modules/manifest.json')),
    speed: async () => speed(await readJson('docs/data/speed.json')),
  };
  const unknown = names.find((name) => !(name in blocks));
  if (unknown) throw new Error(`no block is called ${unknown}; there are: ${Object.keys(blocks).join(', ')}`);

  const file = new URL('README.md', root);
  const before = await readFile(file, 'utf8');
  let after = before;
  for (const [name, make] of Object.entries(blocks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const block = new RegExp(`(<!-- ${name}: [^>]*-->\n)([^]*?)(<!-- /${name} -->)`);
    const found = block.exec(after);
    if (!found) throw new Error(`README.md has no block between <!-- ${name}: … --> and <!-- /${name} -->`);
    const text = await make(found[2]);
    after = after.replace(block, (_, start, _shown, end) => `${start}\n${text}\n\n${end}`);
  }
  if (after === before) return;
  if (!check) return writeFile(file, after);
  throw new Error('README.md shows other figures than the last run; `target/debug/everyhost run --strict --all && make readme` brings it in step; look at the diff');
}

await main().catch((error) => {
  console.error(`${fileURLToPath(import.meta.url).split('/').pop()}: ${error.message}`);
  process.exitCode = 1;
});
