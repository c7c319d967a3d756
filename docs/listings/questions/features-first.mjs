// The first of the signers that this host accepts, without asking whether it works.

import { readFileSync } from 'node:fs';

for (const name of ['signer-lanes-relaxed', 'signer-lanes', 'signer-raw']) {
  if (WebAssembly.validate(readFileSync(`target/modules/${name}.wasm`))) {
    console.log(name);
    break;
  }
}
