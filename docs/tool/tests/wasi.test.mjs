import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { wasiDifferences } from '../wasi.mjs';

const HOSTS = `[[row]]
name = "one"
ops = ["raw", "wasi"]

[[row]]
name = "two" # the same WASI
ops = ["wasi"]

[[row]]
name = "three"
ops = ["wasi"]

[[row]]
name = "without"
ops = ["raw"]
`;

const VECTORS = {
  flags: { Exit: 'how a program ends', Files: 'files and folders' },
  cases: [
    { id: 'wasi/exit/of-255', flags: ['Exit'] },
    { id: 'wasi/files/read', flags: ['Files'] },
    { id: 'wasi/files/list', flags: ['Files'] },
  ],
};

const gap = (/** @type {string} */ about, /** @type {string} */ reason) =>
  `[[gap]]
# why
row = ["one", "two"]
${about}
answer = { ok = { exit_code = 1 } }
matches = 1
reason = "${reason}"
link = "https://example.org/"
`;

/** @param {string[]} gaps */
function partOf(...gaps) {
  const root = mkdtempSync(path.join(tmpdir(), 'wasi-'));
  try {
    for (const folder of ['hosts', 'vectors']) mkdirSync(path.join(root, folder));
    writeFileSync(path.join(root, 'hosts/hosts.toml'), HOSTS);
    writeFileSync(path.join(root, 'hosts/known-gaps.toml'), gaps.join('\n'));
    writeFileSync(path.join(root, 'vectors/wasi.json'), JSON.stringify(VECTORS));
    return wasiDifferences(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('rows that differ in the same cases share a line, and a row that differs in none has one', () => {
  const part = partOf(gap('op = "wasi"\ncase = "wasi/files/{read,list}"', 'it has no files'));
  for (const line of [
    '| host | Exit | Files | all |',
    '| cases of the suite | 1 | 2 | 3 |',
    '| **one**, **two** |  | 2 | 2 |',
    '| **three** |  |  |  |',
    '| one, two | [it has no files](https://example.org/) | `files/read`, `files/list` |',
  ]) {
    assert.ok(part.includes(`${line}\n`), `${line}\n\n${part}`);
  }
  assert.doesNotMatch(part, /without|how a program ends/);
});

test('a gap may name a flag, and those of other operations are left out', () => {
  const part = partOf(gap('op = "wasi"\nflag = "Exit"', 'a large code'), gap('op = "raw"\nflag = "Nan"', 'one NaN'));
  assert.match(part, /\[a large code\]\(.*\) \| `exit\/of-255` \|/);
  assert.doesNotMatch(part, /NaN/);
});

test('a gap that matches no case is an error', () => {
  assert.throws(() => partOf(gap('op = "wasi"\ncase = "wasi/gone"', '')), /wasi\/gone/);
});
