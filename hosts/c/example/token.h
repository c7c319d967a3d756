/* EdDSA JSON Web Tokens (RFC 8037), verified by OpenSSL, whose Ed25519 is another than ours. */
#ifndef TOKEN_H
#define TOKEN_H

#include <jansson.h>
#include <stdbool.h>

#include "signer.h"

/** The claims of a token, yours to json_decref, if OpenSSL finds its signature right; otherwise NULL. */
json_t *token_verify(const char *token, const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]);

#endif
