// The tokens that may be let in.

import { verifyTokens } from '../../../../../hosts/javascript/signer/verify-tokens.mjs';

// ANCHOR: accepted
/**
 * @param {{ audience: string, now: number }} expected who we are, and the time in seconds since 1970
 * @returns {(object | undefined)[]} for each token its claims, if it may be let in
 */
export function accepted(verifier, tokens, jwks, { audience, now }) {
  return verifyTokens(verifier, tokens, jwks).map(({ claims }) => {
    if (!claims) return undefined;
    const { exp, nbf = 0, aud } = claims;
    const isInTime = typeof exp === 'number' && now < exp && typeof nbf === 'number' && nbf <= now;
    const isForUs = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
    return isInTime && isForUs ? claims : undefined;
  });
}
// ANCHOR_END: accepted
