// ANCHOR: all
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const TYPES = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' };

/** Serves the files in this folder to this machine, and returns the address. */
export function serve(port = 0) {
  const server = createServer(async (request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url.slice(1);
    const type = TYPES[/^[\w-]+\.(\w+)$/.exec(name)?.[1]];
    const body = type && (await readFile(name).catch(() => undefined));
    response.writeHead(body ? 200 : 404, { 'content-type': type ?? 'text/plain' });
    response.end(body ?? 'not here');
  });
  return new Promise(resolve => {
    server.listen(port, '127.0.0.1', () => {
      resolve({ server, address: `http://127.0.0.1:${server.address().port}/` });
    });
  });
}

if (process.argv[1] === import.meta.filename) console.log((await serve(8080)).address);
// ANCHOR_END: all
