// ANCHOR: all
// How many bytes each file of dist/assets has, and as a server sends it.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

for (const name of readdirSync('dist/assets')) {
  const bytes = readFileSync(`dist/assets/${name}`);
  const [gzip, brotli] = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
  console.log(`${name.replace(/-.{8}\./, '-….')}: ${bytes.length} bytes, ${gzip.length} with gzip, ${brotli.length} with brotli`);
}
// ANCHOR_END: all
