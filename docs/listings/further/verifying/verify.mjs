// A good signature and two bad ones. Run in the root of the workspace.

import { readFile } from 'node:fs/promises';

import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';
import { issuer } from './keys.mjs';

const { publicKey, sign } = issuer(1);
const other = issuer(2);
const signature = sign(new TextEncoder().encode('hello'));

// ANCHOR: verify
const names = ['verifier-lanes-relaxed', 'verifier-lanes', 'signer-raw'];
const modules = await Promise.all(names.map((name) => readFile(`target/modules/${name}.wasm`)));
const verifier = await Verifier.create(modules);
const verdicts = verifier.verifyMany([
  { publicKey, message: 'hello', signature },
  { publicKey, message: 'hullo', signature },
  { publicKey: other.publicKey, message: 'hello', signature },
]);
console.log(`by module ${verifier.moduleIndex} of the list: ${verdicts.join(', ')}`);
verifier.close();
// ANCHOR_END: verify
