// Takes the fastest signer that works on this host. Run in the root of the workspace, by Node, Deno or Bun.

import { readFileSync } from 'node:fs';

import { TEST_KEYPAIR } from '../further/keypair.mjs';

const bytesOf = (name) => readFileSync(`target/modules/${name}.wasm`);

// ANCHOR: choose
/** The first module that compiles here and passes its self-test. */
function choose(names) {
  for (const name of names) {
    try {
      const signer = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(name))).exports;
      new Uint8Array(signer.memory.buffer, signer.get_signing_key_ptr() >>> 0, 64).set(TEST_KEYPAIR);
      const status = signer.load_key();
      if (status === 0) return name;
      console.log(`${name}: status ${status}`);
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      console.log(`${name}: CompileError`);
    }
  }
  throw new Error('no module works here');
}

console.log('chosen:', choose(['signer-lanes-relaxed', 'signer-lanes', 'signer-raw']));
// ANCHOR_END: choose
