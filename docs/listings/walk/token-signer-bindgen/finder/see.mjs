// ANCHOR: all
// Opens see.html in browsers without a window, and prints what the page reports:
// node see.mjs chromium firefox
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from './serve.mjs';

const BROWSERS = {
  chromium: profile => [
    '--headless',
    '--no-sandbox',
    '--no-first-run',
    `--user-data-dir=${profile}`,
  ],
  firefox: profile => ['--headless', '--no-remote', '--profile', profile],
};

/** Returns what see.html posts in one browser. */
export async function see(name, options) {
  const { promise, resolve, reject } = withResolvers();
  const { server, address } = await serve({ ...options, posted: resolve });
  const profile = await mkdtemp(join(tmpdir(), 'see-'));
  const program = process.env[name.toUpperCase()] ?? name;
  const browser = spawn(program, [...BROWSERS[name](profile), `${address}see.html`], {
    stdio: 'ignore',
  });
  const ended = new Promise(resolve => browser.once('close', resolve));
  browser.once('error', reject);
  const timer = setTimeout(
    () => reject(new Error(`${name} has posted nothing in 120 s`)),
    120_000,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
    browser.kill();
    await ended;
    // A browser's other processes may still write there for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

function withResolvers() {
  let functions;
  const promise = new Promise((resolve, reject) => (functions = { resolve, reject }));
  return { promise, ...functions };
}

if (process.argv[1] === import.meta.filename) {
  for (const name of process.argv.slice(2)) console.log(`${name}\n${await see(name)}`);
}
// ANCHOR_END: all
