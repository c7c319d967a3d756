// Runs the examples of some hosts against examples.json. Needs no npm packages.
//
//   node hosts/examples.mjs HOST…
//
// An example's command is in hosts/HOST/example.json. Beyond the table, node:crypto checks each signature and
// token, and the output in the host's README has to be what the example prints.

import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** In milliseconds, for one run: the machine may be busy. */
const LIMIT = 120_000;
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MODULE = path.join(ROOT, 'target/modules/signer-raw.wasm');

const table = JSON.parse(readFileSync(new URL('examples.json', import.meta.url), 'utf8'));

/** The record of a host's example. */
function exampleOf(/** @type {string} */ host) {
  const file = `hosts/${host}/example.json`;
  if (!existsSync(path.join(ROOT, file))) throw new Error(`there is no ${file}`);
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

/** @typedef {{ name: string, args: string[], signs?: string, key?: string, exit?: number, stdout?: string, stderr?: string }} Case */

/**
 * @param {string} host
 * @param {string} dir with the table's files
 * @returns {[name: string, problem: string | undefined][]}
 */
function run(host, dir) {
  const known = exampleOf(host);
  const usage = table.usage.replace(known.lacks ?? '', '');
  const options = usage.match(/--[a-z-]+/g);
  /** @type {Case[]} */
  const all = table.cases;
  // Without those that need an option that the host lacks.
  const cases = all.filter(({ args }) =>
    args.every((arg) => !arg.startsWith('--module') || options?.includes('--module')),
  );
  /** @type {[string, string | undefined][]} */
  const results = cases.map((one) => {
    const [program, ...args] = [...known.command, ...one.args.map((arg) => arg.replace('{dir}', dir))];
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      timeout: LIMIT,
    });
    const wrong = problem(one, { status, stdout, stderr }, { host, known, usage, options, dir });
    const seen = `exit ${status}${error ? ` (${error.message})` : ''}\n${stdout}${stderr}`.trimEnd();
    return [one.name, wrong && `${wrong}\n${seen.replace(/^/gm, '    | ')}`];
  });
  return [...results, ['its README shows what it prints', readmeProblem(host, known)]];
}

/**
 * @param {Case} one
 * @param {{ status: number | null, stdout: string, stderr: string }} seen
 * @param {{ host: string, known: any, usage: string, options: string[], dir: string }} about
 * @returns {string | undefined} what is wrong
 */
function problem(one, { status, stdout, stderr }, { host, known, usage, options, dir }) {
  const exit = one.exit ?? 0;
  if (status !== exit) return `expected exit ${exit}`;
  if (one.signs !== undefined) return stderr ? 'expected nothing on stderr' : signedProblem(one, stdout, host, known);
  if (one.stdout) {
    const missing = options.filter((option) => !stdout.includes(option));
    if (missing.length > 0) return `expected the options ${missing.join(', ')}`;
    return matches('i', one.stdout, stdout.split('\n')[0]) ? undefined : `expected a first line like ${one.stdout}`;
  }
  if (stdout) return 'expected nothing on stdout';
  const pattern = String(one.stderr).replaceAll('{dir}', escaped(dir)).replaceAll('{usage}', escaped(usage));
  return matches('', pattern, stderr.replace(/\r?\n$/, '')) ? undefined : `expected one line like ${pattern}`;
}

/**
 * @param {Case} one
 * @param {string} stdout
 * @param {string} host
 * @param {any} known
 */
function signedProblem({ args, signs = '', key }, stdout, host, known) {
  const name = args.some((arg) => arg.endsWith('signer.wasm')) ? 'signer.wasm' : 'signer-raw.wasm';
  const sha256 = createHash('sha256').update(readFileSync(MODULE)).digest('hex');
  const publicKey = key ? table.files[key].text.slice(64) : table.known['public key'];
  const message = Buffer.from(signs);
  const expected = {
    host,
    runtime: known.runtime,
    module: known.module ?? escaped(`${name} ${sha256.slice(0, 16)}`),
    message: `${message.length} bytes`,
    'public key': publicKey,
    signature: '[0-9a-f]{128}',
    token: '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
    'verified by': known['verified by'],
    ...(signs === 'hello' && { signature: table.known.signature, token: escaped(table.known.token) }),
  };
  const wrong = shapeProblem(stdout, expected);
  if (wrong) return wrong;
  const { signature, token } = valuesOf(stdout);
  if (!verifies(publicKey, message, Buffer.from(signature, 'hex'))) return 'node:crypto does not verify the signature';
  const [header, payload, last] = token.split('.');
  if (!verifies(publicKey, Buffer.from(`${header}.${payload}`), Buffer.from(last, 'base64url')))
    return 'node:crypto does not verify the token';
  const claims = JSON.stringify(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return claims === JSON.stringify({ message: signs }) ? undefined : `the token has other claims: ${claims}`;
}

function readmeProblem(/** @type {string} */ host, /** @type {any} */ known) {
  const command = known.command.join(' ');
  const readme = readFileSync(path.join(ROOT, 'hosts', host, 'README.md'), 'utf8');
  const shown = [command, `make run-${host}`]
    .map((one) => new RegExp(`^\`\`\`console\\n\\$ ${escaped(one)}\\n(.*?)\`\`\`$`, 'ms').exec(readme)?.[1])
    .find(Boolean);
  if (!shown) return `expected a console block with the output of: ${command}`;
  return shapeProblem(shown, {
    host,
    runtime: known.runtime,
    module: known.module ?? 'signer-raw\\.wasm [0-9a-f]{16}',
    ...Object.fromEntries(Object.entries(table.known).map(([key, value]) => [key, escaped(String(value))])),
    'verified by': known['verified by'],
  });
}

/**
 * @param {string} output
 * @param {Record<string, string>} expected patterns
 */
function shapeProblem(output, expected) {
  const lines = output.replace(/\r/g, '').trimEnd().split('\n');
  for (const [at, key] of table.keys.entries()) {
    const line = `${escaped(key.padEnd(12))}  ${expected[key]}`;
    if (!matches('', line, lines[at] ?? '')) return `expected line ${at + 1} to be like: ${line}`;
  }
  return lines.length === table.keys.length ? undefined : `expected ${table.keys.length} lines`;
}

/** @param {string} output */
function valuesOf(output) {
  return Object.fromEntries(output.split(/\r?\n/).map((line) => [line.slice(0, 12).trimEnd(), line.slice(14)]));
}

function verifies(/** @type {string} */ publicKey, /** @type {Buffer} */ message, /** @type {Buffer} */ signature) {
  const x = Buffer.from(publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, message, key, signature);
}

/**
 * @param {string} flags
 * @param {string} pattern for the whole of it
 * @param {string} text
 */
const matches = (flags, pattern, text) => new RegExp(`^(?:${pattern})$`, flags).test(text);

/** @param {string} text */
const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const dir = mkdtempSync(path.join(os.tmpdir(), 'everyhost-examples-'));
try {
  const hosts = process.argv.slice(2);
  if (hosts.length === 0) throw new Error('expected hosts: the names of folders in hosts/');
  for (const [name, { text, hex }] of Object.entries(table.files)) {
    writeFileSync(path.join(dir, name), text ?? Buffer.from(hex, 'hex'));
  }
  copyFileSync(MODULE, path.join(dir, 'signer.wasm'));
  for (const host of hosts) {
    const results = run(host, dir);
    const failed = results.filter(([, problem]) => problem);
    for (const [name, problem] of failed) console.error(`${host}: ${name}: ${problem}`);
    console.log(`${host}: the example is right in ${results.length - failed.length} of ${results.length} cases`);
    if (failed.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`examples: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
} finally {
  rmSync(dir, { recursive: true });
}
