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

import { PUBLISHED_KEY } from './modules.mjs';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../example.mjs', import.meta.url));

test('prints what the README shows', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = /```console\n\$ node hosts\/node\/example\.mjs\n(.*?)```/s.exec(readme)?.[1];
  const { stdout } = await run(process.execPath, [example]);
  assert.equal(stdout, shown);
});

test('takes a message and a key from files', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const message = path.join(folder, 'message');
  writeFileSync(message, 'hello');
  const { stdout: expected } = await run(process.execPath, [example]);
  for (const key of [Buffer.from(PUBLISHED_KEY), `${Buffer.from(PUBLISHED_KEY).toString('hex')}\n`]) {
    const file = path.join(folder, 'key');
    writeFileSync(file, key);
    const { stdout } = await run(process.execPath, [example, '--message-file', message, '--key-file', file]);
    assert.equal(stdout, expected);
  }
  writeFileSync(path.join(folder, 'key'), 'short');
  await assert.rejects(run(process.execPath, [example, '--key-file', path.join(folder, 'key')]), {
    code: 1,
    stderr: 'example: a keypair must be 64 bytes long (a seed of 32, then its public key); this one has 5\n',
  });
});
