import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { MATRIX, checkMatrix, takeMatrix } from '../data.mjs';
import { matrixPage } from '../pages.mjs';
import { Problems } from '../problems.mjs';

const gap = (/** @type {string} */ row) => ({
  ...{
    row,
    title: `row "${row}", module "probe", case "nan/1"`,
    reason: 'it has one NaN',
    link: 'https://example.org/',
  },
  ...{ matches: 1, matched: 1, failed_as_recorded: 1 },
});

/** Two rows, one module; the second row has a known gap, as the first one has. */
const report = () => ({
  ...{ tool: 'everyhost 1.2.3', started: '2026-11-29T10:00:00Z', planned: 2004, reds: [] },
  verdicts: { pass: 2002, 'known-gap': 2 },
  modules: [{ name: 'probe', sha256: 'ab', bytes: 1234, gzip_bytes: 900, features: [] }],
  rows: ['one', 'two'].map((name) => ({ name, kind: 'wasm', host: { host: 'js', version: '20', runtime: 'V8 11' } })),
  matrix: ['one', 'two'].map((row) => ({
    ...{ row, module: 'probe', planned: 1002 },
    verdicts: { pass: 1001, 'known-gap': 1 },
  })),
  known_gaps: [gap('one'), gap('two')],
});

/**
 * @param {(root: string, take: (report: any) => string) => void} body `take` writes a report and gives its path
 */
function inRoot(body) {
  const root = mkdtempSync(path.join(tmpdir(), 'matrix-'));
  try {
    for (const folder of ['docs/data', 'crates']) mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, 'crates/modules.toml'), '[[module]]\nname = "probe"\nabout = "tests the hosts"\n');
    const file = path.join(root, 'report.json');
    body(root, (value) => {
      writeFileSync(file, JSON.stringify(value));
      return file;
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the page has every row and module, and one line for a gap that two rows share', () => {
  inRoot((root, take) => {
    takeMatrix(root, take(report()));
    const page = matrixPage(root);
    for (const part of [
      '2,002 of 2,004 answers as expected, 2 known gaps, 0 red',
      '| **two** | 1,001 / 1,002 |',
      '| one, two | module `probe`, case `nan/1` | [it has one NaN](https://example.org/) | 1 |',
      '| `probe` | tests the hosts | 1,234 | 900 |',
    ])
      assert.ok(page.includes(part), `${part} is not in:\n${page}`);
  });
});

test('a run that left cases out gives no matrix, and nothing is written', () => {
  inRoot((root, take) => {
    takeMatrix(root, take(report()));
    const before = readFileSync(path.join(root, MATRIX), 'utf8');
    const sampled = report();
    Object.assign(sampled.rows[1], { sample: { slow: true, left_out: { probe: 3 } } });
    assert.throws(() => takeMatrix(root, take(sampled)), /of two × probe a sample ran; .*run --strict --all/);
    assert.equal(readFileSync(path.join(root, MATRIX), 'utf8'), before);
  });
});

test('the check compares what ran in full, and the totals if all did', () => {
  /** @type {[string, (report: any) => void, RegExp[]][]} */
  const changes = [
    ['nothing', () => {}, []],
    ['another version of a host', (run) => (run.rows[0].host.version = '21'), []],
    [
      'a wrong answer',
      (run) => (run.matrix[0].verdicts.pass = 1000),
      [/^one × probe: it has 1001 right of 1002; the last run gave 1000/],
    ],
    [
      'another module',
      (run) => (run.modules[0].sha256 = 'cd'),
      [/^probe: it has 1234 bytes, sha256 ab; the last run gave .*cd/],
    ],
    ['a module that is gone', (run) => run.modules.pop(), [/^probe: .*; the last run gave nothing\./]],
    ['another total', (run) => (run.planned = 2005), [/^the whole: .* of 2004.*; the last run gave .* of 2005/]],
    [
      'what was sampled, and the total',
      (run) => {
        run.rows[1].sample = { slow: true, left_out: { [run.matrix[1].module]: 992 } };
        run.matrix[1].planned = 10;
        run.planned = 1012;
      },
      [],
    ],
  ];
  for (const [what, change, expected] of changes)
    inRoot((root, take) => {
      takeMatrix(root, take(report()));
      const now = report();
      change(now);
      const problems = new Problems();
      checkMatrix(root, problems, take(now));
      assert.equal(problems.list.length, expected.length, `${what}: ${problems}`);
      expected.forEach((pattern, at) => assert.match(problems.list[at].message, pattern));
    });
});
