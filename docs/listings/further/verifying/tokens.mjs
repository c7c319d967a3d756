// Verifies the tokens of make-tokens.mjs. Run in the root of the workspace.

import { readFile } from 'node:fs/promises';

import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';
import { verifyTokens } from '../../../../hosts/javascript/signer/verify-tokens.mjs';

const names = ['verifier-lanes-relaxed', 'verifier-lanes', 'signer-raw'];
const verifier = await Verifier.create(await Promise.all(names.map((name) => readFile(`target/modules/${name}.wasm`))));
const tokens = (await readFile('target/verifying/tokens.txt', 'utf8')).trimEnd().split('\n');
const jwks = await readFile('target/verifying/jwks.json', 'utf8');

// ANCHOR: tokens
for (const { claims, code } of verifyTokens(verifier, tokens, jwks)) {
  console.log(claims ? `signed, says ${claims.sub}` : `refused: ${code}`);
}
// ANCHOR_END: tokens
verifier.close();
