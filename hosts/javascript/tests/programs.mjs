// How the programs of the runtime that these tests run in are started: with the permissions of hosts.toml and no more.

import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { RUNTIME } from '../conformance/runtime.mjs';

const DENO = ['run', '--no-prompt', '--allow-read'];
const ARGUMENTS = {
  node: { adapter: [], bench: ['--expose-gc'], example: [] },
  deno: {
    adapter: [...DENO, '--allow-env=JCO_DEBUG', `--allow-run=${process.execPath}`],
    bench: [...DENO, '--allow-env', '--allow-sys', '--v8-flags=--expose-gc'],
    example: DENO,
  },
  bun: { adapter: ['run'], bench: ['run'], example: ['run'] },
}[RUNTIME.host];

/**
 * @param {'adapter' | 'bench' | 'example'} name
 * @param {URL} [hosts] the folder of hosts
 * @returns {string[]}
 */
export function commandOf(name, hosts = new URL('../../', import.meta.url)) {
  return [process.execPath, ...(ARGUMENTS?.[name] ?? []), fileURLToPath(new URL(`${RUNTIME.host}/${name}.mjs`, hosts))];
}
