// What both servers of this workspace must refuse, and the headers of all their answers. Registers tests.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';

/**
 * Asks for the very path, which `fetch` would tidy up first.
 *
 * @param {string} origin
 * @param {string} path
 * @param {{ method?: string, headers?: Record<string, string> }} [options]
 */
export async function ask(origin, path, { method = 'GET', headers = {} } = {}) {
  const request = http.request({ host: '127.0.0.1', port: new URL(origin).port, path, method, headers });
  request.end();
  const [response] = /** @type {[http.IncomingMessage]} */ (await once(request, 'response'));
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, type: response.headers['content-type'], headers: response.headers, body };
}

/**
 * @param {object} server
 * @param {() => Promise<import('../http.mjs').LocalServer>} server.start
 * @param {[path: string, type: string][]} server.serves
 * @param {string[]} server.hides paths that must not be found
 */
export function testStrictness({ start, serves, hides }) {
  /** @type {import('../http.mjs').LocalServer} */
  let server;
  before(async () => (server = await start()));
  after(() => server.close());
  const status = async (/** @type {string} */ path, /** @type {Parameters<typeof ask>[2]} */ options) =>
    (await ask(server.origin, path, options)).status;

  test('serves each kind of file with its type', async () => {
    for (const [path, type] of serves) {
      const found = await ask(server.origin, path);
      assert.deepEqual([found.status, found.type], [200, type], path);
      const head = await ask(server.origin, path, { method: 'HEAD' });
      assert.deepEqual([head.status, head.type, head.body], [200, type, ''], path);
    }
  });

  test('serves nothing else', async () => {
    const outside = [
      '/etc/passwd',
      '//etc/passwd',
      '/../../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
    ];
    const unreadable = ['/%', '/%zz', '/%ff', '/%00', '/index.html%00', '/..\\package.json', '*'];
    for (const path of [...outside, ...unreadable, '/nothing.html', '/nothing/', ...hides]) {
      assert.equal(await status(path, {}), 404, path);
    }
  });

  test('refuses all methods but GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const refused = await ask(server.origin, '/', { method });
      assert.deepEqual([refused.status, refused.headers.allow], [405, 'GET, HEAD'], method);
    }
  });

  test('answers to its own name only, whatever a foreign one resolves to', async () => {
    const { port } = new URL(server.origin);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LocalHost:${port}`]) {
      assert.equal(await status('/', { headers: { host } }), 200, host);
    }
    const foreign = ['evil.example', `evil.example:${port}`, '127.0.0.1', 'localhost', '127.0.0.1:1', `[::1]:${port}`];
    for (const host of [...foreign, `127.0.0.1:${port}.evil.example`, `127.0.0.1.evil.example:${port}`]) {
      assert.equal(await status('/', { headers: { host } }), 403, host);
    }
  });

  test('sends the same headers with every answer', async () => {
    const answers = [
      await ask(server.origin, '/'),
      await ask(server.origin, '/', { method: 'HEAD' }),
      await ask(server.origin, '/nothing.html'),
      await ask(server.origin, '/%'),
      await ask(server.origin, '/', { method: 'POST' }),
      await ask(server.origin, '/', { headers: { host: 'evil.example' } }),
    ];
    assert.deepEqual(
      answers.map((one) => one.status),
      [200, 200, 404, 404, 405, 403],
    );
    for (const { headers, status } of answers) {
      const { 'content-security-policy': policy, ...rest } = headers;
      assert.match(String(policy), /^default-src '(none|self)'; .*frame-ancestors 'none'$/, `${status}`);
      assert.equal(rest['x-content-type-options'], 'nosniff', `${status}`);
      assert.equal(rest['cache-control'], 'no-store', `${status}`);
      assert.equal(rest['referrer-policy'], 'no-referrer', `${status}`);
      assert.equal(rest['cross-origin-opener-policy'], 'same-origin', `${status}`);
      assert.equal(rest['cross-origin-embedder-policy'], 'require-corp', `${status}`);
    }
  });
}
