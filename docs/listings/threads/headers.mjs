// What a page may do with and without the two headers, in Chromium. Run in the root of the workspace.

import { createServer } from 'node:http';

import { launchChromium } from '../../../hosts/browser/chromium.mjs';

// ANCHOR: headers
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
// ANCHOR_END: headers

const server = createServer((request, response) => {
  const headers = request.url === '/with' ? HEADERS : {};
  response.writeHead(200, { 'content-type': 'text/html', ...headers }).end('<!doctype html><title>threads</title>');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await launchChromium();

// ANCHOR: ask
/** Runs in the page. */
async function ask() {
  const attempt = (work) => {
    try {
      return work() ?? 'works';
    } catch (error) {
      return error.name;
    }
  };
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const worker = new Worker(URL.createObjectURL(new Blob([''])));
  return {
    crossOriginIsolated,
    SharedArrayBuffer: typeof SharedArrayBuffer,
    'memory to a worker': attempt(() => worker.postMessage(memory)),
    'TextDecoder on it': attempt(() => void new TextDecoder().decode(new Uint8Array(memory.buffer))),
    'Atomics.wait here': attempt(() => void Atomics.wait(new Int32Array(memory.buffer), 0, 0, 1)),
  };
}
// ANCHOR_END: ask

try {
  const page = await browser.newPage();
  const answers = [];
  for (const name of ['without', 'with']) {
    await page.goto(`http://127.0.0.1:${server.address().port}/${name}`);
    answers.push(await page.evaluate(ask));
  }
  const [without, isolated] = answers;
  console.log(`${''.padEnd(20)}${'without'.padEnd(16)}with the headers`);
  for (const what of Object.keys(without))
    console.log(`${what.padEnd(20)}${String(without[what]).padEnd(16)}${isolated[what]}`);
} finally {
  await browser.close();
  server.close();
}
