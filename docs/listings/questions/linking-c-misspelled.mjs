import { build } from './build.mjs';

const TARGET = ['--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib', '-O'];
// ANCHOR: shown
const module = new WebAssembly.Module(build('linking-c-misspelled.rs', ...TARGET));
const imports = WebAssembly.Module.imports(module);
console.log(imports.map(({ module, name }) => `${module}.${name}`).join() || 'none');
// ANCHOR_END: shown
