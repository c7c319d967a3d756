// ANCHOR: all
// What streaming compilation says to five responses.
import { readFileSync } from 'node:fs';

const bytes = readFileSync('node_modules/finder/pkg/finder_bg.wasm');
const RESPONSES = {
  'application/wasm': () => [bytes, 200, 'application/wasm'],
  'with a charset': () => [bytes, 200, 'application/wasm; charset=utf-8'],
  'a download': () => [bytes, 200, 'application/octet-stream'],
  'an error page': () => ['<h1>Not found</h1>', 404, 'text/html'],
  'an error page with status 200': () => ['<!doctype html>', 200, 'application/wasm'],
};
for (const [name, make] of Object.entries(RESPONSES)) {
  const [body, status, type] = make();
  const response = new Response(body, { status, headers: { 'content-type': type } });
  const said = await WebAssembly.compileStreaming(response).then(() => 'compiled', String);
  console.log(`${name}: ${said}`);
}
// ANCHOR_END: all
