// Checks the adapters of some rows: `everyhost smoke`, then what adapter-cases.json has beyond it. Needs no npm packages.
//
//   node hosts/adapters.mjs [--program FILE] ROW…    the rows are those of hosts.toml; FILE takes the place of a row's program

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

import { toHex } from './javascript/conformance/bytes.mjs';
import { PUBLISHED_KEY } from './javascript/conformance/published.mjs';
import { Adapter } from './javascript/tests/adapter.mjs';

/** In milliseconds, for one answer: the machine may be busy, and a row may interpret. */
const LIMIT = 300_000;
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const KEY = toHex(PUBLISHED_KEY);
const [SEED, PUBLIC_KEY] = [KEY.slice(0, 64), KEY.slice(64)];

const text = readFileSync(new URL('adapter-cases.json', import.meta.url), 'utf8');
const table = JSON.parse(text.replaceAll('{keypair}', KEY));

/**
 * @typedef {Record<string, any>} Json
 * @typedef {[name: string, problem: string | undefined]} Result
 */

/** @param {string} row */
function entryOf(row) {
  const rows = readFileSync(path.join(ROOT, 'hosts/hosts.toml'), 'utf8').split(/^\[\[row\]\]$/m);
  const entry = rows.find((one) => one.includes(`\nname = "${row}"\n`));
  if (!entry) throw new Error(`hosts.toml has no row ${row}`);
  const value = (/** @type {string} */ key) =>
    JSON.parse(new RegExp(`^${key} = (.*)$`, 'm').exec(entry)?.[1] ?? 'null');
  return { kind: value('kind'), command: value('command'), seconds: value('hello_timeout_seconds') ?? 60 };
}

/** @type {(row: string, command: string[], kind: string, seconds: number) => Result} */
function smoke(row, command, kind, seconds) {
  const args = ['smoke', '--timeout', '300', '--hello-timeout', String(seconds)];
  if (kind !== 'wasm') args.push('--native');
  const { status, stdout, stderr, error } = spawnSync('target/debug/everyhost', [...args, '--', ...command], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const failed = Array.from((stdout ?? '').matchAll(/^FAIL +(.*)$/gm), ([, name]) => name);
  const known = table.gaps[row] ?? [];
  const said = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.replace(/^ok .*\n/gm, '');
  const isRight = status === (known.length > 0 ? 1 : 0) && isDeepStrictEqual(failed, known);
  return ['smoke', isRight ? undefined : `expected these to fail: ${known.join(', ') || 'none'}\n${said}`];
}

/**
 * @param {string[]} command
 * @param {Json} one of the table's lines
 * @returns {Result}
 */
function lastLine([program, ...args], { name, line = '', hex, length, says = '' }) {
  const input = hex ? Buffer.from(hex, 'hex') : length ? Buffer.alloc(length, ' ') : Buffer.from(line);
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    input: Buffer.concat([input, Buffer.from('\n')]),
    timeout: LIMIT,
  });
  const isRight = status === 1 && !stdout && /^[^\n]+: [^\n]+\n$/.test(stderr) && stderr.includes(says);
  return [name, isRight ? undefined : `expected exit 1 and one line, with ${says}: exit ${status}\n${stdout}${stderr}`];
}

/**
 * @param {string} row
 * @param {string[]} command
 * @param {string} dir for modules
 * @returns {Promise<Result[]>}
 */
async function requests(row, command, dir) {
  /** @type {Result[]} */
  const results = [];
  const expect = (/** @type {string} */ name, /** @type {boolean} */ isRight, /** @type {unknown} */ seen) =>
    results.push([name, isRight ? undefined : JSON.stringify(seen).slice(0, 500)]);
  const adapter = new Adapter(command, process.env, ROOT);
  const kill = () => adapter.process.kill('SIGKILL');
  const timer = setTimeout(kill, LIMIT);
  const run = async (/** @type {Json} */ request) => {
    const answer = await adapter.run(request.module, request.op, request.in);
    delete answer.detail;
    return answer;
  };
  try {
    const sha256 = 'not looked at';
    /** @type {Record<string, { path: string, sha256: string }>} */
    const files = { 'signer-raw': { path: 'target/modules/signer-raw.wasm', sha256 } };
    for (const [name, { wasm }] of Object.entries(table.modules)) {
      files[name] = { path: path.join(dir, `${name}.wasm`), sha256 };
      writeFileSync(files[name].path, Buffer.from(wasm, 'hex'));
    }
    let { modules } = await adapter.hello(files);
    // A row whose wrapper is for components alone.
    const isForModules = modules['signer-raw'].ops.includes('sign');
    if (!isForModules) {
      files['signer-component'] = { path: 'target/modules/signer-component.wasm', sha256 };
      ({ modules } = await adapter.hello(files));
    }
    const signer = isForModules ? 'signer-raw' : 'signer-component';
    for (const [name, { refused }] of Object.entries(table.modules)) {
      expect(`hello with ${name}`, Boolean(modules[name].refused) === Boolean(refused), modules[name]);
      if (!refused) continue;
      const answer = await run({ module: name, op: 'raw', in: { steps: [] } });
      expect(`a request to ${name}`, isDeepStrictEqual(Object.keys(answer), ['unsupported']), answer);
    }
    for (const one of table.unsupported.filter((/** @type {Json} */ { rows }) => !rows || rows.includes(row))) {
      const name = `${one.op} of ${one.about ?? JSON.stringify(one.in)}`;
      const module = modules[signer].ops.includes(one.op) ? signer : 'signer-raw';
      const answer = await run({ module, ...one });
      expect(name, isDeepStrictEqual(Object.keys(answer), ['unsupported']) && answer.unsupported !== '', answer);
      const next = await run({ module: signer, op: 'public_key', in: { seed: SEED } });
      expect(`the next after ${name}`, isDeepStrictEqual(next, { ok: { public_key: PUBLIC_KEY } }), next);
    }
    for (const one of table.answers) {
      const isForRow = one.rows ? one.rows.includes(row) : !one.except?.includes(row);
      if (!isForRow || !modules[one.module].ops.includes(one.op)) continue;
      const answer = await run(one);
      expect(one.name, isDeepStrictEqual(answer, one.answer), answer);
    }
    await adapter.hello({});
    const late = await run({ module: signer, op: 'public_key', in: { seed: SEED } });
    expect('a second hello replaces the modules', 'unsupported' in late, late);
    expect('the end of its input', (await adapter.end()) === 0, 'not exit code 0');
  } catch (error) {
    results.push(['requests', String(error)]);
  } finally {
    clearTimeout(timer);
    kill();
  }
  return results;
}

const dir = mkdtempSync(path.join(os.tmpdir(), 'everyhost-adapters-'));
try {
  const given = process.argv.slice(2);
  const program = given[0] === '--program' ? given.splice(0, 2)[1] : undefined;
  if (given.length === 0) throw new Error('expected rows of hosts.toml');
  for (const row of given) {
    const { kind, command, seconds } = entryOf(row);
    if (program) command[0] = program;
    const results = [smoke(row, command, kind, seconds)];
    for (const line of table.lines) if (!line.kind || line.kind === kind) results.push(lastLine(command, line));
    if (kind === 'wasm') results.push(...(await requests(row, command, dir)));
    const failed = results.filter(([, problem]) => problem !== undefined);
    for (const [name, problem] of failed) console.error(`${row}: ${name}: ${problem}`);
    console.log(`${row}: the adapter is right in ${results.length - failed.length} of ${results.length} checks`);
    if (failed.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`adapters: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
} finally {
  rmSync(dir, { recursive: true });
}
