// Prints at which step a keypair of two halves that do not belong together is refused.

import { readFile } from 'node:fs/promises';

import { Signer } from '../../../hosts/javascript/signer/signer.mjs';
import { TEST_KEYPAIR } from '../further/keypair.mjs';

const keypair = TEST_KEYPAIR.slice();
keypair.set([keypair[32] ^ 1], 32);
let step = 'Signer.create';
try {
  const signer = await Signer.create(await readFile('target/modules/signer-raw.wasm'), keypair);
  step = 'sign';
  const signature = signer.sign('hello');
  step = 'verify';
  if (!signer.verify(keypair.subarray(32), 'hello', signature)) throw new Error('not valid');
  step = 'never';
} catch {
  // Refused at this step.
}
console.log(step);
