// WASI as Node, Deno and Bun have it, which is their own: `node:wasi`.

import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WASI } from 'node:wasi';

/** Up to which descriptor a process is used: what a program leaves open can't be closed safely, because Node may do so too. */
const LAST_DESCRIPTOR = 200;

/** @type {import('./wasi.mjs').NewWasi} */
export function newWasi({ args, env, stdin, dirs }) {
  const files = [stdin, '', ''].map(temporary);
  const [input, output, errors] = files.map(({ theirs }) => theirs);
  const wasi = /** @type {any} */ (
    new WASI({
      version: 'preview1',
      args,
      env: Object.fromEntries(env),
      preopens: Object.fromEntries(dirs.map(({ guest, host }) => [guest, host])),
      stdin: input,
      stdout: output,
      stderr: errors,
    })
  );
  // Bun has no options for these.
  files.forEach(({ theirs }, index) => wasi.FD_MAP && (wasi.FD_MAP.get(index).real = theirs));
  return {
    functions: wasi.wasiImport,
    // Not `start`, which calls one export and no other.
    begin: (memory) => (wasi.FD_MAP ? wasi.setMemory(memory) : wasi.initialize({ exports: { memory } })),
    end: () => {
      const next = openSync(os.devNull, 'r');
      closeSync(next);
      const [, stdout, stderr] = files.map(({ ours }) => read(ours));
      return { stdout, stderr, spent: next > LAST_DESCRIPTOR };
    },
  };
}

/** @returns {{ theirs: number, ours: number }} two descriptors, because a program may close its own; the file has no name any more */
function temporary(/** @type {string | Uint8Array} */ content) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'everyhost-wasi-'));
  const file = path.join(folder, 'file');
  writeFileSync(file, content);
  const opened = { theirs: openSync(file, 'r+'), ours: openSync(file, 'r') };
  rmSync(folder, { recursive: true });
  return opened;
}

/** @returns {Uint8Array} */
function read(/** @type {number} */ descriptor) {
  const bytes = new Uint8Array(fstatSync(descriptor).size);
  const length = readSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
  return bytes.subarray(0, length);
}
