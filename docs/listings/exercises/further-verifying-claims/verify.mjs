import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { Signer } from '../../../../hosts/javascript/signer/signer.mjs';
import { publicJwk, signToken } from '../../../../hosts/javascript/signer/token.mjs';
import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';
import { TEST_KEYPAIR } from '../../further/keypair.mjs';

const { accepted } = await import(pathToFileURL(path.resolve(process.argv[2], 'accepted.mjs')));
const wasm = readFileSync('target/modules/signer-raw.wasm');
const [signer, verifier] = [await Signer.create(wasm, TEST_KEYPAIR), await Verifier.create([wasm])];

const now = 1_800_000_000;
const good = { aud: 'shop', exp: now + 1 };
const CASES = {
  'as it should be': [good, true],
  'for several, and one is us': [{ ...good, aud: ['bank', 'shop'] }, true],
  'valid since now': [{ ...good, nbf: now }, true],
  'for somebody else': [{ ...good, aud: 'bank' }, false],
  'for several, none of them us': [{ ...good, aud: ['bank', 'shopkeeper'] }, false],
  'for nobody': [{ exp: now + 1 }, false],
  'expires now': [{ ...good, exp: now }, false],
  'never expires': [{ aud: 'shop' }, false],
  'expires at a time that is text': [{ ...good, exp: String(now + 1) }, false],
  'not valid yet': [{ ...good, nbf: now + 1 }, false],
};
const claims = Object.values(CASES).map(([one]) => one);
const tokens = claims.map((one) => signToken(signer, one));
const forged = `${tokens[0].slice(0, -4)}AAAA`;
const results = accepted(
  verifier,
  [...tokens, forged],
  { keys: [publicJwk(signer.publicKey)] },
  { audience: 'shop', now },
);
Object.entries(CASES).forEach(([name, [one, isGood]], at) =>
  assert.deepEqual(results[at], isGood ? one : undefined, name),
);
assert.equal(results.at(-1), undefined, 'forged');
