// ../serve.mjs: the book's server is as strict as that of hosts/browser, and has open pages load again.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ask, testStrictness } from '../../../hosts/browser/tests/strict-server.mjs';
import { serveBook } from '../serve.mjs';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'everyhost-book-'));
after(() => rmSync(scratch, { recursive: true }));
const book = path.join(scratch, 'book');
mkdirSync(path.join(book, 'part'), { recursive: true });
writeFileSync(path.join(scratch, 'secret.txt'), 'outside\n');
symlinkSync(path.join(scratch, 'secret.txt'), path.join(book, 'link.txt'));
for (const name of ['index.html', 'part/index.html', 'style.css', 'font.woff2', 'live.mjs']) {
  writeFileSync(path.join(book, name), `This is ${name}.`);
}

testStrictness({
  start: () => serveBook(book),
  serves: [
    ['/', 'text/html; charset=utf-8'],
    ['/index.html?query', 'text/html; charset=utf-8'],
    ['/part/', 'text/html; charset=utf-8'],
    ['/style.css', 'text/css; charset=utf-8'],
    ['/font.woff2', 'font/woff2'],
    ['/live.mjs', 'text/javascript; charset=utf-8'],
  ],
  hides: ['/link.txt', '/../secret.txt', '/..%2fsecret.txt', '/part', '/part/../../secret.txt'],
});

test('open pages are told when the book was built again', async () => {
  const server = await serveBook(book);
  try {
    assert.match((await ask(server.origin, '/')).body, /^This is index\.html\.<script>.*reload/);
    assert.equal((await ask(server.origin, '/style.css')).body, 'This is style.css.');
    const response = await fetch(`${server.origin}/reload-events`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    assert.equal(await next(), ': open\n\n');
    server.reload();
    assert.equal(await next(), 'data: reload\n\n');
  } finally {
    await server.close();
  }
});
