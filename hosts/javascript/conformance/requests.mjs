// What an adapter in JavaScript does with a request of the protocol. Neutral: what differs between Node, Deno, Bun and
// the page in a browser is given to it. hosts/CONTRACT.md is the contract.

import { toHex } from './bytes.mjs';
import { load, PROTOCOL } from './operations.mjs';

/**
 * @typedef {object} Host
 * @property {{ host: string, version: string, runtime: string, os: string }} self what hello says of it
 * @property {(path: string) => Promise<Uint8Array<ArrayBuffer>>} read
 * @property {(path: string) => Promise<import('./operations.mjs').NewGlue>} glue
 * @property {import('./deadline.mjs').KeptWorker} worker
 */

/**
 * @returns {(request: Record<string, any>) => Promise<Record<string, any>>} the reply to a request
 * @throws {Error} where a request is none, or names a file that cannot be read
 */
export function answering(/** @type {Host} */ host) {
  /** @type {Map<string, import('./operations.mjs').Loaded>} */
  const modules = new Map();

  /** @param {Record<string, { path: string, glue?: string, types?: Record<string, any> }>} files */
  async function hello(files) {
    modules.clear();
    /** @type {[name: string, { sha256: string, ops: string[], refused?: string }][]} */
    const loaded = [];
    for (const [name, { path, glue, types }] of Object.entries(files)) {
      const bytes = await host.read(path);
      const module = await load(bytes, host.worker, glue ? await host.glue(glue) : undefined, types);
      modules.set(name, module);
      const sha256 = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
      // A module that is not refused has no such field: JSON leaves out what is undefined.
      loaded.push([name, { sha256, ops: module.ops, refused: module.refused }]);
    }
    return { protocol: PROTOCOL, ...host.self, modules: Object.fromEntries(loaded) };
  }

  return async (request) => {
    if (request.cmd === 'hello') {
      const { protocol, modules: files } = request;
      if (protocol !== PROTOCOL) throw new Error(`protocol ${protocol} is not known here; expected ${PROTOCOL}`);
      return hello(files);
    }
    if (request.cmd !== 'run') throw new Error(`no such command: ${request.cmd}; expected hello or run`);
    const { seq, module: name, op, in: input } = request;
    const module = modules.get(name);
    if (!module) return { seq, unsupported: `module ${name} is not among those of the hello` };
    if (!module.ops.includes(op)) return { seq, unsupported: `${name} has no ${op}` };
    return { seq, ...(await module.run(op, input)) };
  };
}
