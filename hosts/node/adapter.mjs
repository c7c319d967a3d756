// The program that the runner talks to: reads requests on stdin, asks the wrappers, answers on stdout.
// hosts/README.md is the contract.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { readLines } from './lines.mjs';
import { load, PROTOCOL } from './operations.mjs';

/** @type {Map<string, import('./operations.mjs').Loaded>} */
const modules = new Map();
/** How many instances of glue there were. */
let instances = 0;

try {
  for await (const line of readLines(process.stdin)) {
    const reply = await answerTo(JSON.parse(line));
    await write(`${JSON.stringify(reply)}\n`);
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {Record<string, any>} request */
async function answerTo(request) {
  if (request.cmd === 'hello') return hello(request.modules);
  if (request.cmd !== 'run') throw new Error(`no such command: ${request.cmd}; expected hello or run`);
  const { seq, module: name, op, in: input } = request;
  const module = modules.get(name);
  if (!module) return { seq, unsupported: `module ${name} is not among those of the hello` };
  if (!module.ops.includes(op)) return { seq, unsupported: `${name} has no ${op}` };
  return { seq, ...(await module.run(op, input)) };
}

/** @param {Record<string, { path: string, glue?: string }>} files */
async function hello(files) {
  modules.clear();
  /** @type {Record<string, { sha256: string, ops: string[] }>} */
  const loaded = {};
  for (const [name, { path, glue }] of Object.entries(files)) {
    const bytes = await readFile(path);
    const module = await load(bytes, glue ? await glueLoader(glue) : undefined).catch((error) => {
      throw new Error(`cannot load ${name} from ${path}: ${error.message}`);
    });
    modules.set(name, module);
    loaded[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), ops: module.ops };
  }
  return {
    protocol: PROTOCOL,
    host: 'node',
    version: process.versions.node,
    runtime: `V8 ${process.versions.v8}`,
    os: `${process.platform}/${process.arch}`,
    modules: loaded,
  };
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} path of the glue
 * @returns {Promise<import('./operations.mjs').NewGlue>}
 */
async function glueLoader(path) {
  const source = await readFile(path, 'utf8');
  return async (module) => {
    instances += 1;
    const glue = await import(`data:text/javascript,${encodeURIComponent(`${source}\n// instance ${instances}`)}`);
    glue.initSync({ module });
    return glue;
  };
}
/**
 * Resolves when the line is with the operating system.
 *
 * @param {string} text
 * @returns {Promise<void>}
 */
function write(text) {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
