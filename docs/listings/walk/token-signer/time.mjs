// ANCHOR: all
import { readFileSync } from 'node:fs';
import { KEY } from './key.mjs';
import { loadSigner } from './signer.mjs';

const type = { headers: { 'content-type': 'application/wasm' } };
const signText = await loadSigner(new Response(readFileSync(process.argv[2]), type));
const thousand = () => {
  const start = performance.now();
  for (let n = 0; n < 1000; n += 1) signText(`hello${n}`, KEY);
  return performance.now() - start;
};
thousand(); // to warm up
console.log(`${thousand().toFixed(0)} µs a signature`);
// ANCHOR_END: all
