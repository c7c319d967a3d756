// ANCHOR: all
// Loads the module without a hash, with the right hash and with another one, from a server that
// sends the second half late.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const bytes = readFileSync('node_modules/finder/pkg/finder_bg.wasm');
const hashOf = content => `sha384-${createHash('sha384').update(content).digest('base64')}`;

let isSent;
const server = createServer((_, response) => {
  isSent = false;
  response.writeHead(200, { 'content-type': 'application/wasm' });
  response.write(bytes.subarray(0, bytes.length / 2));
  setTimeout(() => {
    isSent = true;
    response.end(bytes.subarray(bytes.length / 2));
  }, 1000);
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/finder_bg.wasm`;

for (const [name, integrity] of [
  ['no hash', ''],
  ['the right hash', hashOf(bytes)],
  ['another hash', hashOf('another module')],
]) {
  try {
    const response = await fetch(url, { integrity });
    const when = isSent ? 'after the last byte' : 'before the last byte';
    await WebAssembly.compileStreaming(response);
    console.log(`${name}: the response came ${when}, and was compiled`);
  } catch (error) {
    console.log(`${name}: ${error}: ${error.cause?.message}`);
  }
}
server.close();
// ANCHOR_END: all
