// node transpile.mjs COMPONENT NAME DIR: the JavaScript for a component, by jco's transpiler alone. Its core modules are
// left out: whoever instantiates it takes them out of the component. Those of components in it, and what jco puts
// between them, are in `cores`, in base64.

import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { $init, generate } from '@bytecodealliance/jco-transpile/component';

// From here, and from target/tools/npm, where this is copied to run.
import { coreModules } from '../../../hosts/javascript/conformance/component.mjs';

const [component, name, dir] = process.argv.slice(2);
await $init;
const bytes = readFileSync(component);
const { files, imports } = generate(bytes, {
  name,
  // A function that takes the core modules, and makes one instance of its own each time.
  instantiation: { tag: 'sync' },
  noNodejsCompat: true,
});
if (imports.length > 0) throw new Error(`it imports ${imports.join(', ')}`);
const numberOf = (/** @type {string} */ file) => Number(/\.core(\d*)\.wasm$/.exec(file)?.[1] || 1);
const cores = files.filter(([file]) => file.endsWith('.wasm')).sort(([a], [b]) => numberOf(a) - numberOf(b));
const own = coreModules(bytes);
if (cores.some(([, core], at) => !own[at] || Buffer.compare(core, own[at]) !== 0)) {
  const script = files.find(([file]) => file === `${name}.js`);
  const texts = cores.map(([, core]) => Buffer.from(core).toString('base64'));
  script[1] = Buffer.concat([script[1], Buffer.from(`\nexport const cores = ${JSON.stringify(texts)};\n`)]);
}
for (const [file, bytes] of files) {
  if (file.endsWith('.wasm')) continue;
  const at = path.join(dir, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, bytes);
}
