// Writes nine tokens and a key set to target/verifying. Run in the root of the workspace.

import { mkdirSync, writeFileSync } from 'node:fs';

import { base64url, publicJwk } from '../../../../hosts/javascript/signer/token.mjs';
import { issuer } from './keys.mjs';

const text = new TextEncoder();
const encoded = (value) => base64url(text.encode(JSON.stringify(value)));
const [one, two, stranger] = [1, 2, 3].map(issuer);

function token(header, claims, { sign } = one) {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${base64url(sign(text.encode(signed)))}`;
}

const kid = 'one';
const good = token({ alg: 'EdDSA', kid }, { sub: 'ada' });
const [header, , signature] = good.split('.');
const tokens = [
  good,
  token({ alg: 'Ed25519', kid: 'two' }, { sub: 'grace' }, two),
  token({ alg: 'EdDSA', kid }, { sub: 'late', exp: 1 }),
  [header, encoded({ sub: 'admin' }), signature].join('.'),
  token({ alg: 'EdDSA', kid }, { sub: 'stranger' }, stranger),
  `${encoded({ alg: 'none', kid })}.${encoded({ sub: 'nobody' })}.`,
  token({ alg: 'EdDSA', kid: 'three' }, { sub: 'three' }, stranger),
  token({ alg: 'EdDSA', kid, crit: ['b64'], b64: false }, { sub: 'critical' }),
  `${good}==`,
];
const keys = Object.entries({ one, two }).map(([name, { publicKey }]) => ({
  ...publicJwk(publicKey),
  alg: undefined,
  kid: name,
}));

mkdirSync('target/verifying', { recursive: true });
writeFileSync('target/verifying/tokens.txt', `${tokens.join('\n')}\n`);
writeFileSync('target/verifying/jwks.json', JSON.stringify({ keys }));
