/* Results of a component: from wasmtime's C API to the protocol. */
#ifndef COMPONENT_LIFT_H
#define COMPONENT_LIFT_H

#include <jansson.h>
#include <stddef.h>
#include <wasmtime.h>

/** Writes a result down. Takes resources out of it; the caller deletes the rest. Fails if it is of another type. */
json_t *value_lift(const json_t *type, wasmtime_component_val_t *value);

/** The bytes of a list of u8, and how many; NULL if it is none. */
const unsigned char *bytes_lift(const wasmtime_component_val_t *value, size_t *count);

#endif
