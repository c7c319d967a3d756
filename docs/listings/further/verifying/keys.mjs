// What the examples verify: signatures by as many keys as asked for, made by Node's own crypto.

import crypto from 'node:crypto';

/** A private key of PKCS #8 is this, and then the seed. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @returns {{ publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array }} the same for the same number */
export function issuer(number) {
  const seed = crypto.createHash('sha256').update(`issuer ${number}`).digest();
  const privateKey = crypto.createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { x } = crypto.createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (message) => new Uint8Array(crypto.sign(null, message, privateKey)),
  };
}

/** So many signatures, by so many issuers in turn. */
export function signedBy(issuers, count) {
  const all = Array.from({ length: issuers }, (_, number) => issuer(number));
  return Array.from({ length: count }, (_, n) => {
    const { publicKey, sign } = all[n % issuers];
    const message = new TextEncoder().encode(`token ${n}`);
    return { publicKey, message, signature: sign(message) };
  });
}
