// The tokens that may be let in.

import { verifyTokens } from '../../../../../hosts/javascript/signer/verify-tokens.mjs';

/**
 * @param {{ audience: string, now: number }} expected who we are, and the time in seconds since 1970
 * @returns {(object | undefined)[]} for each token its claims, if it may be let in
 */
export function accepted(verifier, tokens, jwks, { audience, now }) {
  return verifyTokens(verifier, tokens, jwks).map(({ claims }) => claims);
}
