// From a fresh clone to the tools, the hosts and the modules, and with --run to the matrix.
//
//   node scripts/prepare.mjs [--run] [--fixtures] [-- WHAT…]    WHAT: what cargo builds (default: the tools and the Rust hosts)
//
// What waits for the network runs beside what computes, and a row of the matrix starts once what it needs is there. Everything
// that is printed on the way goes to target/prepare.log.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LOG = 'target/prepare.log';
const TOOLS = ['--bin', 'everyhost', '--bin', 'xtask'];
const DEFAULT_SCOPE = ['-p', 'everyhost', '-p', 'xtask', '-p', 'host-native', '-p', 'host-wasmtime'];

const words = process.argv.slice(2);
const at = words.indexOf('--');
const [flags, given] = at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
const scope = given.length > 0 ? given : DEFAULT_SCOPE;
const isRun = flags.includes('--run');
const isTerminal = Boolean(process.stdout.isTTY);

const started = Date.now();
/** @param {number} ms */
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

mkdirSync(path.join(ROOT, 'target'), { recursive: true });
const log = openSync(path.join(ROOT, LOG), 'w');

/**
 * A step of its own: a program whose output goes to the log. Cargo counts its crates there.
 *
 * @param {string} program
 * @param {string[]} args
 */
function start(program, args) {
  const env = { ...process.env, CARGO_TERM_PROGRESS_WHEN: 'always', CARGO_TERM_PROGRESS_WIDTH: '80' };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', log, log] });
  const done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve(undefined) : reject(new Error(`${[program, ...args].join(' ')}: ${signal ?? `exit code ${code}`}`)),
    );
  });
  done.catch(() => {}); // it is awaited later
  return { pid: child.pid, done };
}

/** The last count of crates in the log, such as `214 of 412 crates`. */
function progress() {
  const text = readFileSync(path.join(ROOT, LOG));
  const counts = text.subarray(-2000).toString().match(/\] (\d+)\/(\d+)/g);
  const [, done, all] = /(\d+)\/(\d+)/.exec(counts?.at(-1) ?? '') ?? [];
  return all ? `${done} of ${all} crates` : '';
}

let number = 0;
const phases = isRun ? 5 : 3;

/**
 * Says what is done, how long it has taken so far, and that it is done.
 *
 * @param {string} what
 * @param {Promise<unknown>} done
 */
async function phase(what, done) {
  const begun = Date.now();
  number += 1;
  const line = (/** @type {string} */ how) => `[${number}/${phases}] ${clock(Date.now() - started)}  ${what.padEnd(44, ' .')} ${how}`;
  let said = begun;
  const show = () => {
    const now = `${clock(Date.now() - begun)}  ${progress()}`.trimEnd();
    if (isTerminal) process.stdout.write(`\r${line(now)}\x1b[K`);
    else if (Date.now() - said >= 15_000) {
      console.log(line(now));
      said = Date.now();
    }
  };
  const timer = setInterval(show, 500);
  try {
    await done;
  } finally {
    clearInterval(timer);
    if (isTerminal) process.stdout.write('\r\x1b[K');
  }
  console.log(line(`${clock(Date.now() - begun)}`));
}

async function main() {
  const isFirst = !existsSync(path.join(ROOT, 'target/debug/everyhost'));
  if (isRun) {
    console.log(isFirst ? 'First run: about ten minutes on two cores; later ones take two.' : 'About two minutes on two cores.');
  }
  console.log(`Everything that is printed goes to ${LOG}.`);
  await execSaying('scripts/setup.sh', ['packages']);
  await phase('the Rust toolchain', start('scripts/setup.sh', ['toolchain']).done);
  const hosts = start('scripts/setup.sh', ['hosts']);
  if (isRun) {
    number += 1;
    console.log(`[${number}/${phases}] ${clock(Date.now() - started)}  one module, and the hosts that can run it already`);
    await execSaying('node', ['scripts/hello.mjs', '--quiet']);
  }
  // All targets are built at once: their dependencies have other features than those of the tools alone.
  const isWhole = scope.includes('--all-targets');
  await phase('the tools', start('cargo', ['build', '--locked', ...scope, ...(isWhole ? [] : TOOLS)]).done);
  const rust = isWhole ? { pid: undefined, done: Promise.resolve() } : start('cargo', ['build', '--locked', ...scope]);
  const modules = start('target/debug/xtask', ['build', ...(flags.includes('--fixtures') ? ['--fixtures'] : [])]);
  await phase('the modules', modules.done);
  if (!isRun) {
    await phase('the hosts', Promise.all([hosts.done, rust.done]));
    return;
  }
  number += 1;
  console.log(`[${number}/${phases}] ${clock(Date.now() - started)}  the known answers`);
  const waits = [hosts, rust].flatMap(({ pid }) => (pid ? ['--while', String(pid)] : []));
  await execSaying('target/debug/everyhost', ['run', ...waits]);
  await Promise.all([hosts.done, rust.done]);
}

/**
 * Runs a program that prints for people.
 *
 * @param {string} program
 * @param {string[]} args
 */
function execSaying(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve(undefined) : reject(Object.assign(new Error(`${program}: ${signal ?? `exit code ${code}`}`), { code })),
    );
  });
}

main().catch((error) => {
  console.error(`prepare: ${error.message}`);
  if (error.code === undefined) {
    const text = statSync(path.join(ROOT, LOG)).size > 0 ? readFileSync(path.join(ROOT, LOG), 'utf8') : '';
    const lines = text.split(/\r?\n|\r/).filter((line) => line.trim() && !/^\s*Building \[/.test(line));
    console.error(lines.slice(-40).join('\n'));
    console.error(`the whole output: ${LOG}`);
  }
  closeSync(log);
  process.exit(typeof error.code === 'number' ? error.code : 1);
});
