// node transpile.mjs COMPONENT NAME DIR: the JavaScript for a component, by jco's transpiler alone. Its core modules are
// left out: whoever instantiates it takes them out of the component.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { $init, generate } from '@bytecodealliance/jco-transpile/component';

const [component, name, dir] = process.argv.slice(2);
await $init;
const { files, imports } = generate(readFileSync(component), {
  name,
  // A function that takes the core modules, and makes one instance of its own each time.
  instantiation: { tag: 'sync' },
  noNodejsCompat: true,
});
if (imports.length > 0) throw new Error(`it imports ${imports.join(', ')}`);
for (const [file, bytes] of files) {
  if (file.endsWith('.wasm')) continue;
  const at = path.join(dir, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, bytes);
}
