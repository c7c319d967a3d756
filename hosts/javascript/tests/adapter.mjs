// An adapter as the runner meets it: a process, lines in, lines out.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';

export class Adapter {
  #seq = 0;
  stderr = '';

  /**
   * @param {string[]} command
   * @param {NodeJS.ProcessEnv} [env]
   * @param {string} [cwd]
   */
  constructor([program, ...args], env = process.env, cwd = undefined) {
    this.process = spawn(program, args, { env, cwd });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.process.stderr.on('data', (text) => (this.stderr += text));
    // An adapter that has ended cannot be written to; its exit code says more than EPIPE.
    this.process.stdin.on('error', () => {});
    this.closed = once(this.process, 'close');
  }

  /** @returns {Promise<any>} undefined if the adapter has ended */
  async ask(/** @type {object | string} */ request) {
    this.process.stdin.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    return done ? undefined : JSON.parse(value);
  }

  /** @param {Record<string, { path: string, glue?: string }>} modules */
  hello(modules) {
    return this.#answer({ cmd: 'hello', protocol: 1, modules });
  }

  /** @param {object} request */
  async #answer(request) {
    const answer = await this.ask(request);
    if (!answer) throw new Error(`it ended at ${JSON.stringify(request).slice(0, 300)}`);
    return answer;
  }

  async run(/** @type {string} */ module, /** @type {string} */ op, /** @type {object} */ input) {
    this.#seq += 1;
    const { seq, ...answer } = await this.#answer({
      cmd: 'run',
      seq: this.#seq,
      module,
      op,
      in: input,
      later: 'ignored',
    });
    assert.equal(seq, this.#seq);
    return answer;
  }

  /** Ends its input, and gives its exit code. */
  async end() {
    this.process.stdin.end();
    const [code] = await this.closed;
    return code;
  }
}
