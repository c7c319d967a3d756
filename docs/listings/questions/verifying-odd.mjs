// Prints the verdicts of a batch whose second signature is a byte short.

import { readFile } from 'node:fs/promises';

import { Verifier } from '../../../hosts/javascript/signer/verifier.mjs';
import { signedBy } from '../further/verifying/keys.mjs';

const verifier = await Verifier.create([await readFile('target/modules/signer-raw.wasm')]);
const items = signedBy(1, 3);
items[1].signature = items[1].signature.subarray(0, 63);
try {
  console.log(verifier.verifyMany(items).join(', '));
} catch (error) {
  console.log(error.name);
}
verifier.close();
