// The program that the runner talks to: reads requests on stdin, asks the wrappers, answers on stdout.
// hosts/README.md is the contract.
//
//   deno run --allow-read --allow-run=PATH-OF-DENO adapter.mjs
//
// It reads modules, and it runs Deno itself, without any permission, for calls that are to be cut off.

import { toHex } from './bytes.mjs';
import { readLines } from './lines.mjs';
import { answering } from './requests.mjs';

/** How many instances of glue there were. */
let instances = 0;

const answer = answering({
  self: {
    host: 'deno',
    version: Deno.version.deno,
    runtime: `V8 ${Deno.version.v8}`,
    os: `${Deno.build.os}/${Deno.build.arch}`,
  },
  read: (path) => Deno.readFile(path),
  glue: glueLoader,
  startWorker,
});

const stdout = Deno.stdout.writable.getWriter();
try {
  for await (const line of readLines(Deno.stdin.readable)) {
    // Resolves when the whole line is with the operating system.
    await stdout.write(toLine(await answer(JSON.parse(line))));
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} path of the glue
 * @returns {Promise<import('./operations.mjs').NewGlue>}
 */
async function glueLoader(path) {
  const source = await Deno.readTextFile(path);
  return async (module) => {
    instances += 1;
    const glue = await import(`data:text/javascript,${encodeURIComponent(`${source}\n// instance ${instances}`)}`);
    glue.initSync({ module });
    return glue;
  };
}

/** @type {import('./deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const args = ['run', '--no-prompt', new URL('raw-process.mjs', import.meta.url).href];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: 'piped', stdout: 'piped' }).spawn();
  listen(child.stdout, hear).then(
    () => fail('the process for calls with a deadline ended'),
    (error) => fail(`${error}`),
  );
  const stdin = child.stdin.getWriter();
  return {
    // Where it cannot be written to, it has ended, and that is told already.
    post: ({ bytes, steps }) => void stdin.write(toLine({ wasm: toHex(bytes), steps })).catch(() => {}),
    end: () => {
      child.kill('SIGKILL');
      return child.status;
    },
  };
}

/**
 * @param {AsyncIterable<Uint8Array>} stdout
 * @param {(told: import('./deadline.mjs').Told) => void} hear
 */
async function listen(stdout, hear) {
  for await (const line of readLines(stdout)) hear(JSON.parse(line));
}

/** @param {unknown} value */
function toLine(value) {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
