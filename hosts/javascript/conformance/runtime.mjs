// Which runtime this is, in the words that hello, the bench programs and the examples have for it.

import process from 'node:process';

const { deno, bun, node, v8, webkit } = process.versions;

/** @type {{ host: string, name: string, version: string, engine: string }} */
export const RUNTIME = deno
  ? { host: 'deno', name: 'Deno', version: deno, engine: `V8 ${v8}` }
  : bun
    ? { host: 'bun', name: 'Bun', version: bun, engine: `JavaScriptCore ${webkit?.slice(0, 12)}` }
    : { host: 'node', name: 'Node', version: node, engine: `V8 ${v8}` };
