/* The raw operations: primitive steps on one fresh instance, by the ABI itself and not through a wrapper. */
#ifndef RAW_H
#define RAW_H

#include <jansson.h>
#include <stdbool.h>

#include "library.h"

/** Does raw, raw_memory_limit, raw_deadline, raw_module, raw_imports or kept_view, and returns the answer. */
json_t *raw(const struct library *library, const char *op, const json_t *in);

/** Gives back what `raw` made, whether or not that came to its end. */
void raw_end(void);

/** Whether the module exports what kept_view calls. */
bool raw_has_view(const struct library *library);

#endif
