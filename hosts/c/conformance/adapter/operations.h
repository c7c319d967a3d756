/* What the runner asks of a module. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include <jansson.h>

#include "library.h"

/** The names of the operations that a library can do, as a JSON array. */
json_t *operations_of(const struct library *library);

/** Does one operation, on a fresh wrapper or instance. Returns the answer, without its seq. */
json_t *operate(const struct library *library, const char *op, const json_t *in);

#endif
