import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const { load } = await import(pathToFileURL(process.argv[2]));

// (module (import "env" "log" (func)) (func (export "f") (result i32) i32.const 42))
const MODULE = Buffer.from(
  '0061736d010000000108026000006000017f020b0103656e76036c6f67000003020101070501016600010a06010400412a0b',
  'hex',
);
const TYPE = 'application/wasm';
const ANSWERS = {
  '/right': [200, TYPE, MODULE],
  '/wrong-type': [200, 'application/octet-stream', MODULE],
  '/missing': [404, 'text/html', '<h1>Not found</h1>'],
  '/page': [200, 'text/html', '<!doctype html>'],
  '/empty': [200, 'text/plain', ''],
};
let requests = 0;
const server = createServer(({ url }, response) => {
  requests++;
  const [status, type, body] = ANSWERS[url];
  response.writeHead(status, { 'content-type': type }).end(body);
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;

/** What `work` gives, which may ask the server once. */
async function once(work) {
  requests = 0;
  await work();
  assert.equal(requests, 1, 'one request');
}

try {
  const { instantiateStreaming } = WebAssembly;
  let streamed = 0;
  WebAssembly.instantiateStreaming = (...args) => {
    streamed++;
    return instantiateStreaming.apply(WebAssembly, args);
  };
  const imports = { env: { log() {} } };
  await once(async () => assert.equal((await load(`${base}/right`, imports)).instance.exports.f(), 42));
  assert.equal(streamed, 1, 'the right type is streamed');
  await once(async () => assert.equal((await load(`${base}/wrong-type`, imports)).instance.exports.f(), 42));
  for (const path of ['/missing', '/page', '/empty']) {
    await once(() =>
      assert.rejects(load(base + path, imports), error => {
        assert.ok(error.message.includes(base + path), `the error names the URL: ${error.message}`);
        return true;
      }),
    );
  }
  // What is wrong with the module itself is not hidden.
  await once(() => assert.rejects(load(`${base}/right`), TypeError));
} finally {
  server.close();
  server.closeAllConnections();
}
