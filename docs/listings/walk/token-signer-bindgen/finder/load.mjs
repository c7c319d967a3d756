// ANCHOR: all
import { readFileSync } from 'node:fs';
import init, { Text } from './pkg/finder.js';
import { serve } from './serve.mjs';

await init({ module_or_path: readFileSync('pkg/finder_bg.wasm') });
const { server, address } = await serve();

const promise = Text.load(`${address}lines.txt`);
console.log(promise);
console.log((await promise).line(1));
await Text.load(`${address}nothing.txt`).catch(error => {
  console.log(error.message.replace(address, '/'));
});
server.close();
// ANCHOR_END: all
