// From a fresh clone to the tools, the hosts and the modules, and with --run to the matrix.
//
//   node scripts/prepare.mjs [--run] [--fixtures] [-- WHAT…]    WHAT: what cargo builds; the tools and the Rust hosts unless given
//   node scripts/prepare.mjs --example HOST [-- WHAT…]          only what the example of this host needs
//   node scripts/prepare.mjs --tests HOST [-- WHAT…]            only what the tests of this host need
//
// What waits for the network runs beside what computes, and a row of the matrix starts once what it needs is installed. All
// that is printed on the way goes to target/prepare.log.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LOG = 'target/prepare.log';
const FIRST = 'The first run takes ten to fifteen minutes on two cores; later ones take two.';
const LATER = 'This takes about two minutes on two cores.';
const TOOLS = ['--bin', 'everyhost', '--bin', 'xtask'];
const DEFAULT_SCOPE = ['-p', 'everyhost', '-p', 'xtask', '-p', 'host-native', '-p', 'host-wasmtime'];
/** How long nothing may be printed, in milliseconds. */
const SILENCE = 12_000;

/**
 * A step that has failed, with what it printed last.
 *
 * @param {string} message
 * @param {{ tail?: string[], code?: number | null }} [more]
 */
const failure = (message, more) => Object.assign(new Error(message), more);

/**
 * @typedef {object} Step
 * @property {number} [pid]
 * @property {Promise<unknown>} done
 * @property {() => string} progress how far it is, in a few words
 * @property {string[]} said its lines on stdout
 */

/** For what runs cargo: it counts its crates although nobody sees it. */
const COUNTING = { CARGO_TERM_PROGRESS_WHEN: 'always', CARGO_TERM_PROGRESS_WIDTH: '80' };
/** @type {Step} */
const NOTHING = { done: Promise.resolve(), progress: () => '', said: [] };
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

mkdirSync(path.join(ROOT, 'target'), { recursive: true });
const log = openSync(path.join(ROOT, LOG), 'w');

/**
 * Starts a program whose lines go to the log. How far it is, is the last count of crates, for what runs cargo, or the last line.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Step}
 */
function start(program, args, env = {}) {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const isCounting = env === COUNTING;
  let far = '';
  /** @type {string[]} */
  const tail = [];
  /** @type {string[]} */
  const said = [];
  const take = (/** @type {string} */ text, /** @type {boolean} */ isStdout) => {
    const line = text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').trimEnd();
    const [, done, all, names = ''] = /\] (\d+)\/(\d+)(: .*)?/.exec(line) ?? [];
    if (all) far = `${done} of ${all} crates${names}`;
    if (isStdout) said.push(line);
    if (all || !line) return;
    if (!isCounting) far = line.trim();
    writeSync(log, `${line}\n`);
    tail.push(line);
    if (tail.length > 30) tail.shift();
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    const end = stream === child.stdout ? /\r?\n/ : /[\r\n]+/; // cargo's count ends with a return alone
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split(end);
      rest = lines.pop() ?? '';
      for (const line of lines) take(line, stream === child.stdout);
    });
    stream.on('end', () => rest && take(rest, stream === child.stdout));
  }
  const done = new Promise((resolve, reject) => {
    child.on('error', (error) => reject(failure(`${program}: ${error.message}`)));
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(undefined);
      else reject(failure(`${[program, ...args].join(' ')}: ${signal ?? `exit code ${code}`}`, { tail, code }));
    });
  });
  done.catch(() => {}); // it is awaited later
  return { pid: child.pid, done, progress: () => far, said };
}

/**
 * Runs a program that prints for people, and returns its exit code.
 *
 * @returns {Promise<number>}
 */
function show(/** @type {string} */ program, /** @type {string[]} */ args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit' });
    running.add(child);
    child.on('error', (error) => reject(failure(`${program}: ${error.message}`)));
    child.on('close', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

/** The numbered phases, one line each; while one goes on, a terminal shows how far it is, and a log gets a line now and then. */
class Phases {
  #number = 0;
  #started = Date.now();

  /** @param {number} count */
  constructor(count) {
    this.count = count;
  }

  /** @param {string} what */
  #head(what) {
    return `[${this.#number}/${this.count}] ${clock(Date.now() - this.#started)}  ${what}`;
  }

  /** One that prints by itself. */
  begin(/** @type {string} */ what) {
    this.#number += 1;
    console.log(this.#head(what));
  }

  /**
   * @param {string} what
   * @param {Step[]} steps
   */
  async until(what, ...steps) {
    this.#number += 1;
    const begun = Date.now();
    const isTerminal = process.stdout.isTTY;
    let said = begun;
    const timer = setInterval(() => {
      const far = steps.map((step) => step.progress()).find(Boolean) ?? '';
      const line = `${this.#head(what.padEnd(20))}  ${far}`;
      if (isTerminal) process.stdout.write(`\r${line.slice(0, (process.stdout.columns ?? 80) - 1)}\x1b[K`);
      else if (Date.now() - said >= SILENCE) {
        console.log(line.slice(0, 160).trimEnd());
        said = Date.now();
      }
    }, 500);
    try {
      await Promise.all(steps.map(({ done }) => done));
    } finally {
      clearInterval(timer);
      if (isTerminal) process.stdout.write('\r\x1b[K');
    }
    console.log(`${this.#head(what.padEnd(20))}  done in ${clock(Date.now() - begun)}`);
  }
}

/**
 * A command that gets the cores when nothing else wants them: what nothing waits for yet.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
const aside = (program, args) => ['nice', ['-n', '10', program, ...args]];

/** @param {number} ms */
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

/** What one host needs: what cargo builds for it, and which modules. */
function needsOf(/** @type {string} */ host, /** @type {string[]} */ scope, /** @type {boolean} */ isExample) {
  // Built in the same selection as for `make run`: another one has other features, and would build the dependencies once more.
  const isRust = existsSync(path.join(ROOT, 'hosts', host, 'Cargo.toml'));
  const what = isRust && isExample ? ['--bins', '--examples'] : TOOLS;
  const cargo = scope.includes('--all-targets') ? scope : [...scope, ...what];
  // The native host runs no module, but the cases of the examples have one.
  if (host === 'native' || isExample) return { cargo, modules: host === 'native' && isExample ? [] : ['signer-raw'] };

  const entries = (/** @type {string} */ file, /** @type {string} */ table) =>
    readFileSync(path.join(ROOT, file), 'utf8').split(`\n[[${table}]]\n`).slice(1);
  const value = (/** @type {string} */ entry, /** @type {string} */ key) =>
    new RegExp(`^${key} = "?(.*?)"?$`, 'm').exec(entry)?.[1];
  const rows = entries('hosts/hosts.toml', 'row');
  const isGlued = rows.some(
    (row) => value(row, 'command')?.includes(`"hosts/${host}/`) && value(row, 'glue') === 'true',
  );
  // A text costs nothing, and is for tests.
  const isWanted = (/** @type {string} */ module) =>
    value(module, 'text') ||
    (['product', 'probe'].includes(value(module, 'purpose') ?? 'product') && (isGlued || !value(module, 'bindgen')));
  const modules = entries('crates/modules.toml', 'module').filter(isWanted);
  return { cargo, modules: modules.map((module) => value(module, 'name') ?? '') };
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--');
  const [flags, given] = at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
  const scope = given.length > 0 ? given : DEFAULT_SCOPE;
  const isRun = flags.includes('--run');
  const of = flags.findIndex((flag) => flag === '--example' || flag === '--tests');
  const host = of < 0 ? undefined : flags[of + 1];
  const named = host === undefined ? [] : [host];
  const needs = host === undefined ? undefined : needsOf(host, scope, flags[of] === '--example');

  const isFirst = !existsSync(path.join(ROOT, 'target/debug/everyhost'));
  if (isRun) console.log(isFirst ? FIRST : LATER);
  const asked = await show('scripts/setup.sh', ['packages', 'ask', ...named]);
  if (asked !== 0 && asked !== 3) return asked;
  const isInstalling = asked === 3;
  const isEager = isRun && isFirst;
  // What the matrix needs can still be on its way when it begins, but not if something older is there, and maybe in the middle of
  // being replaced: its probe can't tell.
  const isWaiting = !isRun || !isFirst;
  // All targets are built at once: their dependencies have other features than those of the tools alone.
  const isWhole = scope.includes('--all-targets');
  const modules =
    needs?.modules.flatMap((name) => ['--module', name]) ?? (flags.includes('--fixtures') ? ['--fixtures'] : []);
  const isModules = needs === undefined || needs.modules.length > 0;
  const phases = new Phases(
    [true, isInstalling, isRun, true, isEager, isModules, isWaiting, isRun].filter(Boolean).length,
  );

  await phases.until('the Rust toolchain', start('scripts/setup.sh', ['toolchain']));
  const packages = isInstalling ? start('scripts/setup.sh', ['packages', 'now', ...named]) : NOTHING;
  if (isRun) {
    // One module, in each host that is set up already. A wrong host is for the matrix to say.
    const signed = start('node', ['scripts/hello.mjs'], COUNTING);
    signed.done = signed.done.catch((error) => {
      if (error.code !== 1) throw error;
    });
    await phases.until('the first signature', signed);
    console.log(signed.said.join('\n'));
  }
  // The hosts' own parts need what apt installs, and run beside what follows; not beside hello, which would find half of a host.
  const startHosts = () =>
    start(...aside('scripts/setup.sh', host ? ['host', host] : ['hosts']), { EVERYHOST_NO_SYSTEM_PACKAGES: '1' });
  const hosts = isInstalling ? packages.done.then(startHosts) : Promise.resolve(startHosts());
  hosts.catch(() => {}); // its packages are awaited below
  const tools = needs?.cargo ?? (isWhole ? scope : [...scope, ...TOOLS, ...(isEager ? ['--bin', 'host-native'] : [])]);
  await phases.until('the tools', start('cargo', ['build', '--locked', ...tools], COUNTING));
  if (isEager) {
    // The row that needs no module, while there is none yet. What is red is for the matrix to say.
    const row = start('target/debug/everyhost', ['run', '--host', 'native', '--report', 'target/report/first-row']);
    row.done = row.done.catch(() => {});
    await phases.until('the first row', row);
    console.log(row.said.find((line) => line.startsWith('native  ')) ?? `native: see ${LOG}`);
  }
  if (isInstalling) await phases.until('what apt installs', packages);
  const rust = isWhole || needs ? NOTHING : start(...aside('cargo', ['build', '--locked', ...scope]), COUNTING);
  if (isModules) {
    const built = start('target/debug/xtask', ['build', ...modules]);
    // It prints a line for each, and is as far as they are.
    await phases.until('the modules', { ...built, progress: () => `${built.said.length} built; ${built.progress()}` });
  }
  const rest = [await hosts, rust];
  if (isWaiting) await phases.until(host ? `the host ${host}` : 'the hosts', ...rest);
  for (const line of rest[0].said) if (line.includes('is not set up')) console.log(line);
  if (!isRun) return 0;
  phases.begin('the known answers');
  // As patient as what it waits for, or it would keep that from ending.
  const whiles = rest.flatMap(({ pid }) => (pid ? ['--while', String(pid)] : []));
  const code = await show(...aside('target/debug/everyhost', ['run', ...whiles]));
  await Promise.all(rest.map(({ done }) => done));
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  for (const child of running) child.kill();
  const { message, tail = [] } = /** @type {ReturnType<typeof failure>} */ (error);
  console.error([...tail, `prepare: ${message}`, `prepare: all that was printed is in ${LOG}`].join('\n'));
  process.exit(1);
}
