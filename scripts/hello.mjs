// One signature in every language that is set up: the first thing to run in a fresh clone.
//
//   node scripts/hello.mjs
//
// It builds signer-raw with cargo alone, has Node and every example of a host sign the same message with it, and says
// whether all signatures are the same bytes and the known answer. It installs nothing.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { PUBLISHED_KEY } from '../hosts/javascript/conformance/published.mjs';
import { Signer } from '../hosts/javascript/signer/signer.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MODULE = 'target/hello/signer-raw.wasm';
/** Of "hello", with the published test key. */
const { known } = JSON.parse(readFileSync(path.join(ROOT, 'hosts/examples.json'), 'utf8'));

/**
 * Builds the module and returns its bytes. Cargo's own lines, on stderr, show what it does. As a cdylib alone: for a crate that
 * is an rlib too, cargo leaves out the link-time optimization. In place of wasm-opt, which npm has, the linker strips it.
 */
function build() {
  const what = ['rustc', '--locked', '--lib', '--crate-type=cdylib', '--package=token-signer', '--profile=wasm'];
  const where = ['--target=wasm32-unknown-unknown', '--target-dir=target/hello', '--', '-Cstrip=symbols'];
  const { status, error } = spawnSync('cargo', [...what, ...where], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`hello: cargo could not build the module${error ? `: ${error.message}` : ''}`);
    process.exit(2);
  }
  copyFileSync(path.join(ROOT, 'target/hello/wasm32-unknown-unknown/wasm/token_signer.wasm'), path.join(ROOT, MODULE));
  return readFileSync(path.join(ROOT, MODULE));
}

/** @param {Buffer} wasm */
async function signInNode(wasm) {
  const signer = await Signer.create(wasm, PUBLISHED_KEY);
  try {
    const { node, v8 } = process.versions;
    return {
      runtime: `Node ${node}, V8 ${v8.split('.').slice(0, 2).join('.')}`,
      signature: Buffer.from(signer.sign('hello')).toString('hex'),
    };
  } finally {
    signer.close();
  }
}

/** What an example, or a program that it starts, says if its host is not installed, or not all of it. */
const NOT_SET_UP = /not installed|not found|No such file|cannot find|Could not find|is missing/i;

/**
 * What the example of a host prints, or why it cannot run; nothing if its host is not set up.
 *
 * @returns {Promise<{ runtime?: string, signature?: string, why?: string }>}
 */
async function signByExample(/** @type {string} */ host) {
  const [program, ...words] = JSON.parse(readFileSync(path.join(ROOT, `hosts/${host}/example.json`), 'utf8')).command;
  const files = [program, ...words].filter((word) => word.includes('/') && !word.startsWith('-'));
  if (files.some((file) => !existsSync(path.join(ROOT, file)))) return {};
  const child = spawn(program, [...words, '--module', MODULE], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const end = await new Promise((resolve) => {
    child.on('error', resolve);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  if (end?.code === 'ENOENT' || (end !== 0 && NOT_SET_UP.test(stderr))) return {};
  if (end !== 0) return { why: (stderr || `ended with ${end}`).split('\n')[0].replace(/^example: /, '') };
  const line = (/** @type {string} */ key) =>
    stdout
      .split(/\r?\n/)
      .find((text) => text.startsWith(key))
      ?.slice(14);
  return { runtime: line('runtime'), signature: line('signature') };
}

const started = Date.now();
const wasm = build();
const sha256 = createHash('sha256').update(wasm).digest('hex');
console.log(
  `signer-raw   ${wasm.length.toLocaleString('en-US')} bytes before wasm-opt, sha256 ${sha256.slice(0, 16)}…`,
);
const [signed, missing, wrong] = /** @type {string[][]} */ ([[], [], []]);
// Node needs no package. The others sign side by side; native is no host of the module.
const others = readdirSync(path.join(ROOT, 'hosts')).filter(
  (name) => !['node', 'native'].includes(name) && existsSync(path.join(ROOT, 'hosts', name, 'example.json')),
);
const answers = others.map((host) => /** @type {const} */ ([host, signByExample(host)]));
for (const [host, answer] of [/** @type {const} */ (['node', signInNode(wasm)]), ...answers]) {
  const { runtime, signature, why } = /** @type {Awaited<ReturnType<typeof signByExample>>} */ (await answer);
  if (signature) {
    const same = signature === known.signature;
    console.log(`${host.padEnd(12)} ${signature.slice(0, 16)}…  ${same ? '' : 'NOT the known answer  '}${runtime}`);
    (same ? signed : wrong).push(host);
  } else if (why) {
    console.log(`${host.padEnd(12)} ${why}`);
    wrong.push(host);
  } else {
    missing.push(host);
  }
}
const seconds = Math.round((Date.now() - started) / 1000);
if (missing.length > 0)
  console.log(`not set up:  ${missing.join(', ')}; make run-${missing[0]} sets up ${missing[0]} alone`);
if (wrong.length > 0) {
  console.log(`\nwrong: ${wrong.join(', ')}`);
  process.exitCode = 1;
} else {
  const what =
    signed.length === 1 ? 'One host, and its signature is' : `${signed.length} hosts, one signature, and it is`;
  console.log(`\n${what} the known answer. ${seconds} s.`);
}
