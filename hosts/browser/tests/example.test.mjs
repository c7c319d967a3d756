// The command of the README, and its output.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../example.mjs', import.meta.url));

test('prints what the README shows', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = /```console\n\$ node hosts\/browser\/example\.mjs\n(.*?)```/s.exec(readme)?.[1];
  const { stdout } = await run(process.execPath, [example]);
  assert.equal(stdout, shown);
});

test('a key that is none is one clear line', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'key');
  writeFileSync(file, 'short');
  await assert.rejects(run(process.execPath, [example, '--key-file', file]), {
    code: 1,
    stderr:
      'example: KEY_LENGTH: a keypair must be 64 bytes long (a seed of 32, then its public key); this one has 5\n',
  });
});
