// The small parts: heading ids against mdBook itself, comparison of outputs, the command line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { takeSizes } from '../data.mjs';
import { sizesPage, speedPage, speedTablesPage } from '../pages.mjs';
import { blessed, diff, matches, outputLines, parseConsole } from '../console.mjs';
import { parseMarkdown } from '../markdown.mjs';
import { parseTables } from '../toml.mjs';

const TOOL = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const MDBOOK = path.join(TOOL, '../../target/tools/bin/mdbook');

const HEADINGS = [
  'Plain words',
  'With `code` and *stress*',
  'With a [link](x.md) in it',
  'Why …?',
  'C++ & C# / Rust',
  'snake_case and kebab-case',
  'Ünïcode: äöü 中文',
  'Plain words',
  'Numbers 1.5 and 2',
  'It’s quoted, "twice"',
  'Angle `Vec<u8>` brackets',
  'Own id {#my-own}',
  'Plain words',
];

test(
  'headings get the ids that mdBook gives them',
  { skip: !existsSync(MDBOOK) && 'mdbook is not installed: docs/build.sh setup' },
  () => {
    const book = mkdtempSync(path.join(tmpdir(), 'everyhost-ids-'));
    try {
      const page = HEADINGS.map((heading) => `## ${heading}`).join('\n\n');
      mkdirSync(path.join(book, 'src'));
      writeFileSync(path.join(book, 'book.toml'), '[book]\ntitle = "Ids"\n');
      writeFileSync(path.join(book, 'src/SUMMARY.md'), '- [A](a.md)\n- [B](b.md)\n');
      writeFileSync(path.join(book, 'src/a.md'), `${page}\n`);
      writeFileSync(path.join(book, 'src/b.md'), '# B\n');
      const { status, stderr } = spawnSync(MDBOOK, ['build', book], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const html = readFileSync(path.join(book, 'book/a.html'), 'utf8');
      const theirs = [...html.matchAll(/<h2 id="([^"]*)"/g)].map((match) => match[1]);
      assert.deepEqual(
        parseMarkdown(page).headings.map(({ id }) => id),
        theirs,
      );
    } finally {
      rmSync(book, { recursive: true, force: true });
    }
  },
);

test('numbers vary where the block says so, and only numbers', () => {
  assert.ok(matches(['took 1,234.5 ms   ok'], ['took 9 ms ok'], 'varies'));
  assert.ok(!matches(['took 1 ms'], ['took 2 ms'], 'exact'));
  assert.ok(!matches(['took 1 ms'], ['took 2 s'], 'varies'));
  assert.ok(!matches(['1 2'], ['1'], 'varies'));
});

test('a line of … stands for any lines', () => {
  assert.ok(matches(['a', '…', 'z'], ['a', 'z'], 'exact'));
  assert.ok(matches(['a', '…', 'z'], ['a', 'b', 'z', 'c', 'z'], 'exact'));
  assert.ok(matches(['…'], [], 'exact'));
  assert.ok(!matches(['a', '…', 'z'], ['a', 'b'], 'exact'));
  assert.ok(matches([], [], 'exact'));
  assert.ok(!matches([], ['a'], 'exact'));
});

test('what is blessed keeps as many lines before and after … as there were', () => {
  assert.deepEqual(blessed(['x', '…', 'y'], ['a', 'b', 'c', 'd']), ['a', '…', 'd']);
  assert.deepEqual(blessed(['…', 'y'], ['a', 'b', 'c', 'd']), ['…', 'd']);
  assert.deepEqual(blessed(['x', '…'], ['a', 'b', 'c']), ['a', '…']);
  assert.deepEqual(blessed(['x'], ['a', 'b']), ['a', 'b']);
  assert.deepEqual(blessed(['x', '…', 'y'], ['a', 'd']), ['a', 'd']);
});

test('output loses blanks at its ends, overwritten progress and empty lines at the end', () => {
  assert.deepEqual(outputLines('a  \n10 %\r100 %\n\n\n'), ['a', '100 %']);
  assert.deepEqual(outputLines('a\r\n'), ['a']);
  assert.deepEqual(outputLines(''), []);
  assert.deepEqual(outputLines('    Blocking waiting for file lock on package cache\na\n'), ['a']);
});

test('a difference is shown between what is equal', () => {
  assert.equal(diff(['a', 'b', 'c'], ['a', 'x', 'c']), '      a\n    - b\n    + x');
});

test('a command may go on over lines', () => {
  const [block] = parseMarkdown('```console\n$ one \\\n    two\nout\n$ three\n```\n').blocks;
  const steps = parseConsole(block);
  assert.deepEqual(
    steps.map(({ line, command, expected }) => ({ line, command, expected })),
    [
      { line: 2, command: 'one \\\n    two', expected: ['out'] },
      { line: 5, command: 'three', expected: [] },
    ],
  );
  assert.throws(() => parseConsole(parseMarkdown('```console\n$ one \\\n```\n').blocks[0]), /but the block ends/);
});

test('a fence that is longer holds shorter ones, and info strings have attributes', () => {
  const { blocks, headings } = parseMarkdown('````rust,file=src/a.rs,append\n```\n# no heading\n````\n# One\n');
  assert.deepEqual(
    [...blocks[0].attributes],
    [
      ['file', 'src/a.rs'],
      ['append', ''],
    ],
  );
  assert.deepEqual(blocks[0].lines, ['```', '# no heading']);
  assert.deepEqual(
    headings.map(({ text }) => text),
    ['One'],
  );
});

test('TOML: strings on one line and nothing else', () => {
  const [table] = parseTables('# c\n[[claim]]\nid = "a \\"b\\"" # c\nnote = \'c\\d\'\n', 'claim');
  assert.deepEqual(
    [...table.values],
    [
      ['id', 'a "b"'],
      ['note', 'c\\d'],
    ],
  );
  for (const bad of ['x = 1', '[[claim]]\nx = """', '[[claim]]\nx = "a"\nx = "b"', 'x = "a"']) {
    assert.throws(() => parseTables(bad, 'claim'), /^Error: \d+: /);
  }
});

test('the figures of `make size` become a page with the ladder, what each step won, and the peers', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'everyhost-sizes-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(path.join(root, 'docs/data'), { recursive: true });
  const size = (/** @type {string} */ of, /** @type {string} */ name, /** @type {number} */ bytes) => ({
    ...{ of, name, how: `how of ${name}`, bytes, gzip_bytes: bytes / 2, brotli_bytes: bytes / 4, sha256: 'ab' },
    parts: { sections: [], groups: [{ name: 'hash', bytes }] },
    times: { sign: { median: 1.234, quartiles: [1, 2] }, verify: null, first_ms: 3 },
  });
  const sizes = [size('everyhost', 'ours', 2000), size('ladder', 'whole', 4000), size('ladder', 'less', 1000)];
  writeFileSync(path.join(root, 'sizes.json'), JSON.stringify({ sizes: [...sizes, size('peer', 'theirs', 8000)] }));
  takeSizes(root, path.join(root, 'sizes.json'));
  const page = sizesPage(root);
  assert.match(page, /\| `less` \| how of less \| 1,000 \| 500 \| 3,000 \| 1.23 \| {2}\|/);
  assert.match(page, /\| theirs \| how of theirs \| 8,000 \| 4,000 \| 2,000 \|/);
  assert.match(page, /\| `ours` \| how of ours \| 2,000 \| 1,000 \|/);
  const kept = JSON.parse(readFileSync(path.join(root, 'docs/data/sizes.json'), 'utf8')).sizes[0];
  assert.deepEqual(kept.groups, [{ name: 'hash', bytes: 2000 }]);
});

test('the figures of `make bench` become a page to read and one of tables; what took no part is not mentioned', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'everyhost-speeds-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(path.join(root, 'docs/data'), { recursive: true });
  const one = (/** @type {string} */ id, /** @type {string} */ kind, /** @type {number} */ us, times = {}) => ({
    ...{ id, kind, label: `Everyhost ${id}`, median_us: us, quartiles_us: [us, us], times_as_fast_as: times },
  });
  const engine = (/** @type {string} */ name, /** @type {unknown[]} */ contestants) => ({
    ...{ engine: name, version: 'Node 20.1.2', runtime: 'V8', clock: 'cpu', contestants, alone: [], expectations: [] },
  });
  const contestants = [
    one('lanes', 'ours', 10, { libsodium: 4.5 }),
    one('held', 'ours', 20),
    one('one-shot', 'ours', 50),
    one('libsodium', 'other', 44),
  ];
  const machine = { cpu: 'a processor', threads: 2, os: 'a system' };
  const engines = [engine('node', contestants), engine('deno', contestants.slice(1, 2))];
  const speed = { finished: '2026-11-30T00:00:00Z', machine, settings: { messages: 1000, rounds: 21 }, engines };
  writeFileSync(path.join(root, 'docs/data/speed.json'), JSON.stringify({ source: '', machines: [speed] }));
  const page = speedPage(root);
  assert.match(page, /## Node 20\n/);
  assert.match(page, /Holding the key makes the portable module 2.50 times as fast/);
  // The ratio of the rounds, and not that of the medians, which would be 4.40.
  assert.match(page, /libsodium.js, which is Wasm too, a batch in plain lanes is 4.50 times as fast/);
  assert.doesNotMatch(page, /node:crypto`, OpenSSL|simd128|## deno/);
  assert.match(page, /\| \*\*deno\*\* \|/);
  assert.match(speedTablesPage(root), /## Node 20\n[^]*\| Everyhost held \| 20.0 \|[^]*## deno\n/);
});

test('the command line says how it is used', () => {
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [path.join(TOOL, 'main.mjs'), ...args], { encoding: 'utf8' });
  assert.equal(run('--help').status, 0);
  assert.equal(run().status, 2);
  assert.equal(run('no-such').status, 2);
  assert.equal(run('check', '--no-such').status, 2);
});
