// All writers write the same set, hosts answer it as it says, and what is missing is told. Arguments are the hosts.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { Suite, call, i32, i64, text } from '../javascript/everyhost-vectors.mjs';

const OUT = 'target/writers';
const SUITES = ['sample', 'sample-component'];
const PYTHON = 'hosts/python/.venv/bin/python';

/** @type {Record<string, string[]>} */
const SAMPLES = {
  rust: ['target/debug/examples/sample'],
  python: [PYTHON, 'writers/tests/sample.py'],
  javascript: ['node', 'writers/tests/sample.mjs'],
};

/** @param {string[]} command */
function run([program, ...words]) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, said: `${stdout ?? ''}${stderr ?? ''}${error ?? ''}` };
}

/** @param {string[]} command */
function runs(command) {
  const { status, said } = run(command);
  assert.equal(status, 0, `${command.join(' ')}: ${said.slice(-2000)}`);
  return said;
}

rmSync(OUT, { recursive: true, force: true });
const written = Object.entries(SAMPLES).map(([language, command]) => {
  const folder = join(OUT, language);
  mkdirSync(folder, { recursive: true });
  runs([...command, folder]);
  return { folder, suites: SUITES.map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))) };
});
const [rust, ...others] = written;
for (const { folder, suites } of others) assert.deepEqual(suites, rust.suites, `${folder} and ${rust.folder} differ`);

// The sample in Rust leaves the module and the files that the set names beside it.
const { folder } = others[0];
for (const name of ['hello.txt', 'echo.wasm']) cpSync(join(rust.folder, name), join(folder, name));
const hosts = process.argv.slice(2).flatMap((host) => ['--host', host]);
const report = ['--report', join(OUT, 'report')];
const modules = [join(rust.folder, 'sample.wasm'), 'target/modules/component-probe.wasm'];
const asked = [...modules.flatMap((module) => ['--module', module]), '--vectors', folder];
process.stdout.write(runs(['target/debug/everyhost', 'run', '--strict', ...asked, ...report, ...hosts]));

const suite = () => new Suite('a', { source: 'b', licence: 'c' });
const missing = /\{"do": ?"call", ?"export": ?"f"\}: what comes is missing; say \.returns\(\)/;
const unanswered = suite();
unanswered.case('a/b', call('f'));
assert.throws(() => unanswered.toJSON(), missing);
const endless = suite();
endless.case('a/b').program('p').prints(text('hi'));
const noEnd = /a\/b: how the program ends is missing; say \.exits\(\), \.traps\(\) or \.fails\(\)/;
assert.throws(() => endless.toJSON(), noEnd);
assert.throws(() => i32(2 ** 32), /4294967296: an i32 is a whole number from -2147483648 to 4294967295/);
assert.throws(() => i64(2 ** 53), /beyond 2\^53 a BigInt/);
assert.throws(() => new Suite('../a', { source: 'b', licence: 'c' }), /a suite's name is lower-case letters/);

/** @param {string} line */
const python = (line) => {
  const { status, said } = run([
    PYTHON,
    '-c',
    `import sys; sys.path.insert(0, 'writers/python')\nfrom everyhost_vectors import *\n${line}`,
  ]);
  assert.equal(status, 1, said);
  return said;
};
assert.match(python("s = Suite('a', source='b', licence='c'); s.case('a/b', call('f')); s.json()"), missing);
assert.match(python("s = Suite('a', source='b', licence='c'); s.case('a/b').program('p'); s.json()"), noEnd);
assert.match(python('i32(2**32)'), /4294967296: an i32 is a whole number from -2147483648 to 4294967295/);
assert.match(python("Suite('../a', source='b', licence='c')"), /a suite's name is lower-case letters/);
