// The adapter in Deno: what `everyhost run` talks to. hosts/CONTRACT.md is the contract.
//
//   deno run --allow-read --allow-env=JCO_DEBUG --allow-run=PATH-OF-DENO adapter.mjs
//
// It reads modules. A component's JavaScript reads the environment. For calls with a deadline and programs of WASI it runs Deno
// itself, with the permissions that those programs need.

import { lineOf, listen, RAW_PROCESS } from '../javascript/conformance/child.mjs';
import { serve } from '../javascript/conformance/serve.mjs';

/** What a program may do is WASI's to decide. The environment says where temporary files are. */
const OF_WASI = ['--allow-read', '--allow-write', '--allow-env=TMPDIR,TMP,TEMP'];

await serve({ startWorker });

/**
 * Not by node:child_process, which needs to read the environment.
 *
 * @type {import('../javascript/conformance/deadline.mjs').StartWorker}
 */
function startWorker(hear, fail) {
  const args = ['run', '--no-prompt', ...OF_WASI, RAW_PROCESS];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: 'piped', stdout: 'piped' }).spawn();
  listen(child.stdout, hear, fail);
  const stdin = child.stdin.getWriter();
  return {
    // If it can't be written to, it has ended, and its stdout says so.
    begin: (work) => void stdin.write(new TextEncoder().encode(lineOf(work))).catch(() => {}),
    end: () => {
      child.kill('SIGKILL');
      return child.status;
    },
  };
}
