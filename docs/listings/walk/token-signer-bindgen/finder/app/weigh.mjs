// ANCHOR: all
// How large each file of dist/assets is, on disk and as a server sends it.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

for (const name of readdirSync('dist/assets')) {
  const bytes = readFileSync(`dist/assets/${name}`);
  const zipped = `${gzipSync(bytes, { level: 9 }).length} with gzip`;
  const brotli = `${brotliCompressSync(bytes).length} with brotli`;
  console.log(`${name.replace(/-.{8}\./, '-….')}: ${bytes.length} bytes, ${zipped}, ${brotli}`);
}
// ANCHOR_END: all
