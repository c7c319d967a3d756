// ANCHOR: all
import { readFileSync } from 'node:fs';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const list = (what, all) => {
  console.log(all.length === 0 ? `no ${what}` : `${what}:`);
  for (const { kind, name } of all) console.log(`  ${kind.padEnd(8)} ${name}`);
};
list('imports', WebAssembly.Module.imports(module));
list('exports', WebAssembly.Module.exports(module));
// ANCHOR_END: all
