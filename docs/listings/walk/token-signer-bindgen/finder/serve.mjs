// ANCHOR: all
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * Serves a folder on this machine. `posted` gets the text of each POST, `headersOf` returns more
 * headers for the path of a file.
 */
export function serve({
  port = 0,
  folder = '.',
  posted = () => {},
  headersOf = () => ({}),
} = {}) {
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      posted(Buffer.concat(await request.toArray()).toString());
      response.end();
      return;
    }
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const type = TYPES[extname(name)];
    const body = type && (await readFile(join(folder, name)).catch(() => undefined));
    const headers = { 'content-type': type ?? 'text/plain', ...headersOf(name) };
    response.writeHead(body ? 200 : 404, headers).end(body ?? 'not here');
  });
  return new Promise(resolve => {
    server.listen(port, '127.0.0.1', () => {
      resolve({ server, address: `http://127.0.0.1:${server.address().port}/` });
    });
  });
}

if (process.argv[1] === import.meta.filename)
  console.log((await serve({ port: 8080 })).address);
// ANCHOR_END: all
