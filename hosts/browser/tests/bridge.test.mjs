// Whom the bridge lets in: the page that was opened, once.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, test } from 'node:test';

import { WebSocket } from 'ws';

import { openBridge } from '../bridge.mjs';
import { startServer } from '../server.mjs';

/** @type {import('../server.mjs').PageServer} */
let server;
/** @type {ReturnType<typeof openBridge>} */
let bridge;
/** @type {string} */
let token;
beforeEach(async () => {
  server = await startServer();
  bridge = openBridge(server);
  token = bridge.page.split('#bridge=')[1];
});
afterEach(() => server.close());

/**
 * @param {string} path
 * @param {{ origin?: string, host?: string }} [headers]
 * @returns {Promise<WebSocket | undefined>} undefined if it was refused
 */
async function connect(path, { origin = server.origin, host = new URL(server.origin).host } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${new URL(server.origin).port}${path}`, { headers: { origin, host } });
  const [event] = await Promise.race([
    once(socket, 'open').then(() => ['open']),
    new Promise((resolve) => socket.once('error', () => resolve(['error']))),
  ]);
  return event === 'open' ? socket : undefined;
}

test('the page has a token that no one guesses', () => {
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.notEqual(openBridge(server).page, bridge.page);
  assert.ok(bridge.page.startsWith(`${server.origin}/host.html#`), 'where no server and no log sees it');
});

test('nothing gets in without the token, from another page, or by another name', async () => {
  const { port } = new URL(server.origin);
  for (const path of ['/bridge', '/bridge/', `/bridge/${'0'.repeat(64)}`, `/bridge/${token.slice(1)}`, `/${token}`]) {
    assert.equal(await connect(path), undefined, path);
  }
  for (const origin of ['http://evil.example', 'null', '', `http://127.0.0.1:${Number(port) - 1}`, 'file://']) {
    assert.equal(await connect(`/bridge/${token}`, { origin }), undefined, origin);
  }
  assert.equal(await connect(`/bridge/${token}`, { host: `evil.example:${port}` }), undefined);
});

test('the page gets in, and nothing after it', async () => {
  const page = await connect(`/bridge/${token}`);
  assert.ok(page);
  const socket = await bridge.connected;
  const heard = once(socket, 'message');
  page.send('from the page');
  assert.equal(String((await heard)[0]), 'from the page');
  assert.equal(await connect(`/bridge/${token}`), undefined);
  page.terminate();
});
