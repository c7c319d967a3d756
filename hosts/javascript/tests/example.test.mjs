// What the example says if its library is not installed. hosts/examples.json has everything else.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { scratchFolder } from './adapter-cases.mjs';
import { commandOf } from './programs.mjs';

const HOSTS = fileURLToPath(new URL('../../', import.meta.url));

test('without jose the example says how to install it', () => {
  const { folder, remove } = scratchFolder();
  for (const name of ['node/example.mjs', 'deno/example.mjs', 'bun/example.mjs', 'javascript/example.mjs']) {
    cpSync(path.join(HOSTS, name), path.join(folder, name));
  }
  for (const name of ['signer', 'conformance']) {
    cpSync(path.join(HOSTS, 'javascript', name), path.join(folder, 'javascript', name), { recursive: true });
  }
  const [program, ...args] = commandOf('example', pathToFileURL(`${folder}/`));
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  remove();
  const expected = 'example: jose is not installed; install it with: make setup\n';
  assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: '', stderr: expected });
});
