// Writes the JavaScript for a component. node transpile.mjs COMPONENT NAME DIR

// ANCHOR: transpile
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

import { $init, generate } from '@bytecodealliance/jco-transpile/component';

const [component, name, dir] = process.argv.slice(2);
await $init;
for (const [file, bytes] of generate(await readFile(component), { name }).files) {
  const to = path.join(dir, file);
  await mkdir(path.dirname(to), { recursive: true });
  await writeFile(to, bytes);
}
// ANCHOR_END: transpile
