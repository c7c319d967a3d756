// The program that the runner talks to: reads requests on stdin, asks the wrappers, answers on stdout.
// hosts/README.md is the contract.
//
//   bun run adapter.mjs

import process from 'node:process';

import { toHex } from './bytes.mjs';
import { readLines } from './lines.mjs';
import { answering } from './requests.mjs';

const answer = answering({
  self: {
    host: 'bun',
    version: Bun.version,
    runtime: `JavaScriptCore ${process.versions.webkit?.slice(0, 12)}`,
    os: `${process.platform}/${process.arch}`,
  },
  read: (path) => Bun.file(path).bytes(),
  glue: glueLoader,
  startWorker,
});

const stdout = Bun.stdout.writer();
try {
  for await (const line of readLines(Bun.stdin.stream())) {
    stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    await stdout.flush();
  }
} catch (error) {
  console.error(`adapter: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * wasm-bindgen's glue is a JavaScript module that holds one instance for good. To have another instance, the glue
 * itself is loaded again, under a URL that was not seen before.
 *
 * @param {string} path of the glue
 * @returns {Promise<import('./operations.mjs').NewGlue>}
 */
async function glueLoader(path) {
  const source = await Bun.file(path).text();
  return async (module) => {
    // Bun keeps a file's module whatever its query is, and does not decode a long `data:` URL as a module.
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    try {
      const glue = await import(url);
      glue.initSync({ module });
      return glue;
    } finally {
      URL.revokeObjectURL(url);
    }
  };
}

/** @type {import('./deadline.mjs').StartWorker} */
function startWorker(hear, fail) {
  const program = Bun.fileURLToPath(new URL('raw-process.mjs', import.meta.url));
  const child = Bun.spawn([process.execPath, 'run', program], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
  listen(child.stdout, hear).then(
    () => fail('the process for calls with a deadline ended'),
    (error) => fail(`${error}`),
  );
  return {
    post: ({ bytes, steps }) => {
      child.stdin.write(`${JSON.stringify({ wasm: toHex(bytes), steps })}\n`);
      child.stdin.flush();
    },
    end: () => {
      child.kill('SIGKILL');
      return child.exited;
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
