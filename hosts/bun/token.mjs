// EdDSA JSON Web Tokens (RFC 8037), signed by a module. Neutral like the wrapper: copy it with signer.mjs.

/**
 * Makes a signed token of the compact form: header.payload.signature, each in base64url.
 *
 * @param {{ sign(message: string): Uint8Array }} signer a {@link import('./signer.mjs').Signer}
 * @param {Record<string, unknown>} claims the payload
 * @returns {string}
 */
export function signToken(signer, claims) {
  const text = new TextEncoder();
  const parts = [{ alg: 'EdDSA', typ: 'JWT' }, claims].map((part) => base64url(text.encode(JSON.stringify(part))));
  const signed = parts.join('.');
  return `${signed}.${base64url(signer.sign(signed))}`;
}

/**
 * A public key in the form that JWT libraries read.
 *
 * @param {Uint8Array} publicKey 32 bytes
 */
export function publicJwk(publicKey) {
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: base64url(publicKey) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} without padding
 */
export function base64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
