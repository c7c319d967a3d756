/* The core module of a component, whose exports have the canonical ABI: hosts/ABI.md. wasm2c has no components. */
#ifndef CANONICAL_H
#define CANONICAL_H

#include <jansson.h>
#include <stdbool.h>

#include "library.h"

/** Whether a module can do a signer's operation through the canonical ABI. No session: it holds no key. */
bool canonical_does(const struct library *library, const char *op);

/** Does the operation on a new instance, and returns the answer. */
json_t *canonical(const struct library *library, const char *op, const json_t *in);

#endif
