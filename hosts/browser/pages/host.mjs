// The page's half of the adapter. `run` takes one request of the protocol and gives its reply; every module is
// fetched, hashed, compiled and called here, in the page.

import { toHex } from '../bytes.mjs';
import { load, PROTOCOL } from '../operations.mjs';

/** @type {Map<string, import('../operations.mjs').Loaded>} */
const modules = new Map();
/** How many instances of glue there were. */
let instances = 0;

/**
 * @param {Record<string, any>} request where a module's `path` and `glue` are URLs
 * @returns {Promise<Record<string, any>>}
 */
export async function run(request) {
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
    const response = await fetch(path);
    if (!response.ok) throw new Error(`cannot load ${name}: ${(await response.text()).trim()}`);
    const bytes = await response.arrayBuffer();
    const module = await load(bytes, glue ? glueLoader(glue) : undefined).catch((error) => {
      throw new Error(`cannot load ${name}: ${error.message}`);
    });
    modules.set(name, module);
    const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
    loaded[name] = { sha256, ops: module.ops };
  }
  const version = /Chrome\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? 'unknown';
  return {
    protocol: PROTOCOL,
    host: 'browser',
    version,
    runtime: `Chromium ${version}`,
    os: navigator.platform,
    modules: loaded,
  };
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} url of the glue
 * @returns {import('../operations.mjs').NewGlue}
 */
function glueLoader(url) {
  return async (module) => {
    instances += 1;
    const glue = await import(`${url}?instance=${instances}`);
    glue.initSync({ module });
    return glue;
  };
}
Object.assign(globalThis, { run });
