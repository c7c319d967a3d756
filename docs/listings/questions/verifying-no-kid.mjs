// Verifies a token that names no key, by a set of two keys. The first of them has signed it.

import { readFile } from 'node:fs/promises';

import { publicJwk, signToken } from '../../../hosts/javascript/signer/token.mjs';
import { Verifier } from '../../../hosts/javascript/signer/verifier.mjs';
import { verifyTokens } from '../../../hosts/javascript/signer/verify-tokens.mjs';
import { issuer } from '../further/verifying/keys.mjs';

const [one, two] = [issuer(1), issuer(2)];
const signer = { sign: (text) => one.sign(new TextEncoder().encode(text)) };
const token = signToken(signer, { sub: 'ada' });
const verifier = await Verifier.create([await readFile('target/modules/signer-raw.wasm')]);
const keys = [one, two].map(({ publicKey }, n) => ({ ...publicJwk(publicKey), kid: `${n}` }));
const [alone] = verifyTokens(verifier, [token], { keys: keys.slice(0, 1) });
if (!alone.claims) throw new Error('by its own key alone, the token is good');
const [{ claims, code }] = verifyTokens(verifier, [token], { keys });
console.log(claims ? 'accepted' : code);
verifier.close();
