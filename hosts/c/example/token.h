/* EdDSA JSON Web Tokens (RFC 8037): made with a signer, and verified by OpenSSL, whose Ed25519 is another than ours. */
#ifndef TOKEN_H
#define TOKEN_H

#include <jansson.h>
#include <stdbool.h>

#include "signer.h"

/**
 * Makes a signed token of the compact form, header.payload.signature, each in base64url.
 *
 * *token is yours to free; NULL after an error. Errors: as signer_sign; OUT_OF_MEMORY also where there is none for the
 * token.
 */
enum signer_code token_make(struct signer *signer, const json_t *claims, char **token);

/** The claims of a token, yours to json_decref, if OpenSSL finds its signature right; otherwise NULL. */
json_t *token_verify(const char *token, const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]);

#endif
