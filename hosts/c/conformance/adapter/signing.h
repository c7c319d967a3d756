/* The signer's operations, through the functions of signer.h. */
#ifndef SIGNING_H
#define SIGNING_H

#include <jansson.h>

#include "signer_functions.h"

/** Does public_key, sign, sign_many, verify, verify_strict or session, with a signer of its own; returns the answer. */
json_t *signing(const struct library_signer *by, const char *op, const json_t *in);

/** Closes that signer, whether or not the operation came to its end. */
void signing_end(void);

#endif
