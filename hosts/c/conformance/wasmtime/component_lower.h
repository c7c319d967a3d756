/* Arguments of a component: from the protocol to wasmtime's C API. */
#ifndef COMPONENT_LOWER_H
#define COMPONENT_LOWER_H

#include <jansson.h>
#include <stddef.h>
#include <wasmtime.h>

/**
 * Makes an argument of what a request has. Returns NULL, or the step's answer if it is no value of this type. Either
 * way the caller deletes the value.
 */
json_t *value_lower(const json_t *type, const json_t *written, wasmtime_component_val_t *value);

/** Bytes as a list of u8: wasmtime's C API has a value of 32 bytes for each. */
void bytes_lower(const void *bytes, size_t len, wasmtime_component_val_t *value);

/** A list of `count` values, which are false until they are set. */
wasmtime_component_val_t *list_lower(size_t count, wasmtime_component_val_t *value);

#endif
