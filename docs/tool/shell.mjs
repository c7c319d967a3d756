// Runs commands the way a reader does: in one bash after the other, where a change of folder and of variables stays.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { tmpdir } from 'node:os';

/** What would make a command do something else here than at a reader's. */
const REMOVED =
  /^(CARGO_TARGET_DIR|CARGO_BUILD_|CARGO_ENCODED_RUSTFLAGS|RUSTFLAGS|CARGO_MAKEFLAGS|MAKEFLAGS|MFLAGS|MAKELEVEL|NODE_TEST_CONTEXT)/;

/** Output that does not depend on the terminal or on the language of the machine. */
const STABLE = {
  CARGO_TERM_COLOR: 'never',
  CARGO_TERM_PROGRESS_WHEN: 'never',
  NO_COLOR: '1',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
  npm_config_update_notifier: 'false',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  EVERYHOST_QUIET: '1',
};

// What the reader's shell has after each command: its folder and its exported variables.
const SCRIPT = `
if [ -e "$WALK_STATE" ]; then . "$WALK_STATE"; fi
eval "$WALK_COMMAND"
code=$?
{ printf 'cd %q\\n' "$PWD"; export -p | grep -vE '^declare -x (WALK_|SHLVL|OLDPWD|PWD|_=)'; } >"$WALK_STATE"
exit $code
`;

export class Shell {
  /** @type {number[]} */
  #groups = [];
  #state = mkdtempSync(path.join(tmpdir(), 'walk-state-'));

  /**
   * @param {string} folder in which the first command runs
   * @param {{ toolchain?: string, timeout?: number }} [options] `timeout` in seconds
   */
  constructor(folder, { toolchain, timeout = 600 } = {}) {
    this.folder = folder;
    this.timeout = timeout;
    const kept = Object.entries(process.env).filter(([name]) => !REMOVED.test(name));
    /** @type {Record<string, string | undefined>} */
    this.env = { ...Object.fromEntries(kept), ...STABLE, ...(toolchain ? { RUSTUP_TOOLCHAIN: toolchain } : {}) };
  }

  /**
   * @returns {Promise<{ code: number | undefined, output: string }>} stdout and stderr together; without a code where the time ran out
   */
  async run(/** @type {string} */ command) {
    const log = path.join(this.#state, 'output');
    const file = openSync(log, 'w');
    const child = spawn('bash', ['-c', SCRIPT], {
      cwd: this.folder,
      env: { ...this.env, WALK_COMMAND: command, WALK_STATE: path.join(this.#state, 'state') },
      stdio: ['ignore', file, file],
      detached: true,
    });
    closeSync(file);
    if (child.pid) this.#groups.push(child.pid);
    const code = await new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#end(child.pid);
        resolve(undefined);
      }, this.timeout * 1000);
      // Not `close`: what the command left running keeps the file open.
      child.once('exit', (status) => {
        clearTimeout(timer);
        resolve(status ?? 128);
      });
      child.once('error', () => {
        clearTimeout(timer);
        resolve(127);
      });
    });
    return { code, output: readFileSync(log, 'utf8') };
  }

  /** Ends what was left running in the background, and that alone. */
  close() {
    for (const group of this.#groups) this.#end(group);
    rmSync(this.#state, { recursive: true, force: true });
  }

  /** @param {number | undefined} group */
  #end(group) {
    if (!group) return;
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
