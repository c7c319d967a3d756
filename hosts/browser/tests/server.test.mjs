import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startServer } from '../server.mjs';
import { ask, testStrictness } from './strict-server.mjs';

const program = fileURLToPath(new URL('../server.mjs', import.meta.url));
/** @type {import('../server.mjs').PageServer} */
let server;
before(async () => (server = await startServer()));
after(() => server.close());

testStrictness({
  start: startServer,
  serves: [
    ['/', 'text/html; charset=utf-8'],
    ['/raw.html?query', 'text/html; charset=utf-8'],
    ['/style.css', 'text/css; charset=utf-8'],
    ['/javascript/signer/signer.mjs', 'text/javascript; charset=utf-8'],
    ['/javascript/conformance/raw.mjs', 'text/javascript; charset=utf-8'],
    ['/token_signer.wasm', 'application/wasm'],
    ['/modules/signer-raw.wasm', 'application/wasm'],
    ['/pkg/token_signer_bg.wasm', 'application/wasm'],
    ['/pkg/token_signer.js', 'text/javascript; charset=utf-8'],
    ['/vendor/tweetnacl/nacl-fast.min.js', 'text/javascript; charset=utf-8'],
    ['/vendor/jose/index.js', 'text/javascript; charset=utf-8'],
    ['/vendor/browser_wasi_shim/index.js', 'text/javascript; charset=utf-8'],
  ],
  hides: [
    '/../server.mjs',
    '/..%2fserver.mjs',
    '/%2e%2e/server.mjs',
    '/pkg/../../Cargo.toml',
    '/pkg/..%2f..%2fCargo.toml',
    '/pkg/%2e%2e/modules/manifest.json',
    '/modules//../../../Cargo.toml',
    '/vendor/tweetnacl/../playwright-core/package.json',
    '/vendor/playwright-core/package.json',
    '/javascript/package.json',
    '/javascript/tests/mishaps.mjs',
    '/javascript/signer/../package.json',
    '/javascript/signer/%2e%2e/package.json',
    '/server.mjs',
    '/http.mjs',
    '/adapter.mjs',
    '/package.json',
    '/..\\server.mjs',
    '/pkg/',
  ],
});

/** @param {string[]} args */
function start(args) {
  const child = spawn(process.execPath, [program, ...args]);
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return { child, ended: once(child, 'exit').then(([code]) => ({ code, text })), output: () => text };
}

test('says how to get what is not there', async () => {
  assert.match((await ask(server.origin, '/pkg/missing.js')).body, /not built. `make run` builds them/);
  assert.match((await ask(server.origin, '/vendor/missing.js')).body, /make setup/);
});

test('a port in use is one clear line', async () => {
  const port = new URL(server.origin).port;
  const { code, text } = await start(['--port', port]).ended;
  assert.equal(code, 1);
  assert.equal(
    text,
    `server: port ${port} is in use; choose another one with --port, or leave it out for a free one\n`,
  );
});

for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
  [['--port', 'http'], /^server: --port takes a whole number up to 65535, not http\n$/],
  [['--port', '65536'], /^server: --port takes a whole number up to 65535, not 65536\n$/],
  [['--open-for', '-1'], /^server: .*open-for.*\n/],
  [['--wrong'], /^server: Unknown option '--wrong'/],
])) {
  test(`refuses ${args.join(' ')}`, async () => {
    const { code, text } = await start(args).ended;
    assert.equal(code, 1);
    assert.match(text, message);
  });
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  test(`ends on ${signal}`, async () => {
    const { child, ended, output } = start([]);
    while (!output().includes('http://127.0.0.1:')) await once(child.stdout, 'data');
    child.kill(signal);
    assert.equal((await ended).code, 0);
  });
}

test('ends by itself after --open-for', async () => {
  const { code, text } = await start(['--open-for', '1']).ended;
  assert.equal(code, 0);
  assert.match(text, /^The pages are at http:\/\/127\.0\.0\.1:\d+\/ \(for 1 s\)\n$/);
});
