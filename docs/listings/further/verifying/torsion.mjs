// Two bad signatures that vouch for each other. Run in the root of the workspace; with pairs of z such as 1,9 it prints which
// of them accept both.

import crypto from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import * as noble from '../../../../hosts/javascript/node_modules/@noble/ed25519/index.js';
import { Verifier } from '../../../../hosts/javascript/signer/verifier.mjs';

const { Point } = noble;
const L = Point.CURVE().n;
const B = Point.BASE;
const toNumber = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const toBytes = (number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
const times = (point, number) => (number === 0n ? Point.ZERO : point.multiply(number, false));

// ANCHOR: make
const T = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'); // of order 8
const a = 1234567n; // a private key, as the number that it becomes
const A = B.multiply(a);

function signed(message, r, extra) {
  const R = B.multiply(r).add(extra);
  const hash = crypto.createHash('sha512').update(R.toBytes()).update(A.toBytes()).update(message).digest();
  const k = toNumber(hash) % L;
  return { message, R, k, S: (r + k * a) % L };
}
const one = signed('one', 1001n, T);
const two = signed('two', 1002n, T.negate());
// ANCHOR_END: make

// ANCHOR: combined
/** Both at once: whether the sum of z·(S·B − k·A − R) is nothing. */
function combined(z1, z2, cofactor) {
  const S = (z1 * one.S + z2 * two.S) % L;
  const k = (z1 * one.k + z2 * two.k) % L;
  const Rs = one.R.multiply(z1).add(two.R.multiply(z2));
  const sum = times(B, S).subtract(times(A, k)).subtract(Rs);
  return (cofactor ? sum.double().double().double() : sum).is0();
}
// ANCHOR_END: combined

const pairs = process.argv.slice(2);
if (pairs.length > 0) {
  for (const pair of pairs) if (combined(...pair.split(',').map(BigInt), false)) console.log(pair);
  process.exit();
}

const counts = { without: 0, by8: 0 };
for (let z1 = 1n; z1 <= 8n; z1 += 1n) {
  for (let z2 = 1n; z2 <= 8n; z2 += 1n) {
    counts.without += Number(combined(z1, z2, false));
    counts.by8 += Number(combined(z1, z2, true));
  }
}
const say = (name, ...rest) => console.log(name.padEnd(16), ...rest);
say('combined', `${counts.without} of 64 choices of z accept both`);
say('  and times 8', `${counts.by8} of 64`);

const items = [one, two].map(({ message, R, S }) => ({
  publicKey: A.toBytes(),
  message: Buffer.from(message),
  signature: Uint8Array.from([...R.toBytes(), ...toBytes(S)]),
}));
for (const name of ['signer-raw', 'verifier-lanes']) {
  const verifier = await Verifier.create([await readFile(`target/modules/${name}.wasm`)]);
  say(name, verifier.verifyMany(items).join(', '));
  verifier.close();
}
const x = Buffer.from(A.toBytes()).toString('base64url');
const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
say('node:crypto', items.map(({ message, signature }) => crypto.verify(null, message, key, signature)).join(', '));
noble.hashes.sha512 = (bytes) => new Uint8Array(crypto.createHash('sha512').update(bytes).digest());
const byNoble = ({ message, signature, publicKey }) => noble.verify(signature, message, publicKey);
say('@noble/ed25519', items.map(byNoble).join(', '));
