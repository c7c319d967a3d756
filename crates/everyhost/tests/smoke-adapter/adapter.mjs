// A small adapter, honest or bad on purpose in the way that its argument names. Only the tests of `everyhost smoke`
// use it; the steps themselves are done by the hosts in JavaScript.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { runRaw } from '../../../../hosts/javascript/conformance/raw.mjs';

const mode = process.argv[2];
/** The fifth byte of a component. */
const COMPONENT = 13;
const OPS = ['raw', 'raw_module', 'add'];
const FIELDS = new Set(['cmd', 'seq', 'module', 'op', 'in', 'protocol', 'modules']);
/** @type {Map<string, { bytes: Buffer, module: WebAssembly.Module }>} */
const modules = new Map();
let waiting = '';

function hello({ modules: files }) {
  const loaded = {};
  modules.clear();
  for (const [name, { path }] of Object.entries(files)) {
    if (mode === 'without-signer' && name === 'signer-raw') continue;
    const bytes = readFileSync(path);
    const another = mode === 'another-file' || (mode === 'another-signer' && name === 'signer-raw');
    const sha256 = createHash('sha256').update(another ? 'another' : bytes).digest('hex');
    if (bytes[4] === COMPONENT && mode !== 'older-steps') {
      loaded[name] = { sha256, ops: ['component'] };
      continue;
    }
    try {
      modules.set(name, { bytes, module: new WebAssembly.Module(bytes) });
      loaded[name] = { sha256, ops: mode === 'without-raw' ? ['add'] : OPS };
    } catch (error) {
      if (mode === 'dies-of-a-module') throw error;
      if (mode !== 'leaves-out') loaded[name] = { sha256, ops: [], refused: String(error) };
    }
  }
  return { protocol: 1, host: mode === 'nameless' ? '' : 'test', version: '1', runtime: 'V8', os: 'any', modules: loaded };
}

/** The answers of the component that smoke brings. */
function callAll(steps) {
  const answers = [];
  for (const step of steps) {
    const answer = step.do === 'drop' ? { error: 'NO_HANDLE' } : callOne(step.export, step.args);
    answers.push(answer);
    if (answer.trap) break;
  }
  return answers;
}

function callOne(name, args) {
  const functions = { add: (a, b) => (a + b) >>> 0, halve: (n) => (n % 2 === 0 ? n / 2 : undefined) };
  const called = functions[name];
  if (called === undefined) return { error: 'NO_EXPORT' };
  const isU32 = (value) => mode === 'converts' || (Number.isInteger(value) && value >= 0 && value < 2 ** 32);
  if (args.length !== called.length || !args.every(isU32)) return { error: 'TYPE_MISMATCH' };
  const result = called(...args.map((value) => Number(value) >>> 0));
  return result === undefined ? { trap: true } : { ok: { result } };
}

async function run({ seq, module: name, op, in: input }) {
  if (op === 'component') return { seq, ok: { steps: callAll(input.steps) } };
  const { bytes, module } = modules.get(name);
  if (op === 'add') return { seq, ok: { value: mode === 'adds-wrongly' ? input.a + input.b : (input.a + input.b) | 0 } };
  if (mode === 'signed-pointers') {
    const negative = input.steps.find((step) => step.ptr?.i32 < 0);
    if (negative) return { seq, trap: true, detail: `bad pointer ${negative.ptr.i32}` };
  }
  if (mode === 'older-steps' && input.steps.some((step) => Array.isArray(step.as))) return { seq, unsupported: 'an as that is a list' };
  let steps;
  try {
    const own = op === 'raw_module' ? Buffer.from(input.wasm, 'hex') : bytes;
    ({ steps } = await runRaw(own === bytes ? module : new WebAssembly.Module(own), own, input));
  } catch (error) {
    if (mode === 'traps-for-want-of-an-instance') return { seq, trap: true, detail: error.message };
    return { seq, error: error.code ?? 'NO_INSTANCE', detail: error.message };
  }
  if (mode === 'goes-on-after-a-trap' && 'trap' in (steps.at(-1) ?? {})) steps.push({ ok: { results: [] } });
  const mismatch = steps.findIndex(({ error }) => error === 'TYPE_MISMATCH');
  if (mode === 'traps-on-other-types' && mismatch >= 0) steps.splice(mismatch, steps.length, { trap: true });
  if (mode === 'no-words') for (const step of steps) delete step.detail;
  return { seq, ok: { steps } };
}

async function answer(line) {
  if (mode === 'short-lines' && line.length > 65536) throw new Error('line too long');
  const request = JSON.parse(line);
  if (mode === 'strict-fields') {
    const unknown = Object.keys(request).find((field) => !FIELDS.has(field));
    if (unknown) throw new Error(`unknown field ${unknown}`);
  }
  if (mode === 'chatty' && request.cmd === 'run') process.stdout.write('working on it\n');
  waiting += `${JSON.stringify(request.cmd === 'hello' ? hello(request) : await run(request))}\n`;
}

function flush() {
  process.stdout.write(waiting);
  waiting = '';
}

let rest = [];
/** What was read is answered one line after the other. */
let work = Promise.resolve();
process.stdin.on('data', (chunk) => {
  rest.push(chunk);
  if (!chunk.includes(10)) return;
  const lines = Buffer.concat(rest).toString().split('\n');
  rest = [Buffer.from(lines.pop())];
  if (mode === 'reversed') lines.reverse();
  work = work.then(async () => {
    for (const line of lines) {
      await answer(line);
      if (mode !== 'unflushed' && mode !== 'flushed-when-idle') flush();
    }
  });
  // A little later, when what was sent together has come together.
  if (mode === 'flushed-when-idle') setTimeout(() => Buffer.concat(rest).length === 0 && flush(), 200);
});
process.stdin.on('end', async () => {
  await work;
  flush();
  if (mode === 'bad-end') process.exitCode = 3;
  if (mode === 'one-more-line') process.stdout.write('{"bye":true}\n');
});
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});
