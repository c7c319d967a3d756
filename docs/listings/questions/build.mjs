// Compiles the program of a question, in a folder that is removed.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * @param {string} name of a file of this folder
 * @param {string[]} options for rustc
 * @returns {Buffer} the module
 */
export function build(name, ...options) {
  const folder = mkdtempSync(path.join(tmpdir(), 'question-'));
  try {
    const module = path.join(folder, 'module.wasm');
    const source = path.join(import.meta.dirname, name);
    execFileSync('rustc', ['--edition', '2024', '-A', 'warnings', ...options, '-o', module, source]);
    return readFileSync(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns {WebAssembly.Instance} of a module without imports */
export function load(/** @type {string} */ name, /** @type {string[]} */ ...options) {
  const target = ['--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib', '-O'];
  return new WebAssembly.Instance(new WebAssembly.Module(build(name, ...target, ...options)));
}
