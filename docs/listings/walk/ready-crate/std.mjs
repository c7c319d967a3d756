// ANCHOR: all
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const names = ['println', 'map', 'file', 'variable', 'command', 'builder', 'spawn', 'time', 'sleep'];

function call(exports, name) {
  try {
    return exports[name]() ? 'works' : 'an error';
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError ? 'traps' : error.message;
  }
}

const compiled = (file) => new WebAssembly.Module(readFileSync(file));
const unknown = compiled('unknown.wasm');
const wasip1 = compiled('wasip1.wasm');
console.log('           unknown    wasip1');
for (const name of names) {
  const bare = new WebAssembly.Instance(unknown, {});
  const wasi = new WASI({ version: 'preview1', env: { PATH: '/bin' }, preopens: { '.': '.' } });
  const system = new WebAssembly.Instance(wasip1, wasi.getImportObject());
  wasi.initialize(system);
  console.log(`${name.padEnd(10)} ${call(bare.exports, name).padEnd(10)} ${call(system.exports, name)}`);
}
// ANCHOR_END: all
