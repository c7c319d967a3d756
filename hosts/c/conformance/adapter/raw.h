/* The raw operations: primitive steps on one fresh instance, by the ABI itself and not through a wrapper. */
#ifndef RAW_H
#define RAW_H

#include <jansson.h>
#include <stdbool.h>

#include "host.h"
#include "imports.h"
#include "instance.h"

/** Does raw, raw_memory_limit, raw_deadline, raw_module, raw_imports or kept_view, and returns the answer. */
json_t *raw(const struct library *library, const char *op, const json_t *in);

/** The module that came with the request as `wasm`, otherwise the named one; or NULL, and the request's answer. */
const struct library *raw_library(const struct library *named, const json_t *in, json_t **answer);

/** Does steps on the instance, up to one that traps unless `after_trap`; adds their answers. Returns how the last
 * ended.
 */
struct end raw_steps(const json_t *steps, json_t *answers, bool after_trap);

/** What a function of the host does when the guest calls it. `values` has its arguments, and gets its results. Unless
 * this returns, the guest must be left as by a trap. */
struct end raw_host_call(struct provided *function, struct typed_value *values);

/** Gives back what an operation made, whether or not that came to its end. */
void raw_end(void);

#endif
