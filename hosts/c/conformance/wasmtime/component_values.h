/* Values of a component, between the protocol and wasmtime's C API, by the types that hello has: hosts/COMPONENTS.md.
 */
#ifndef COMPONENT_VALUES_H
#define COMPONENT_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <wasmtime.h>

/** The resources that came in this request, by number. */
struct resource {
    /** Of which resource type, as hello names it. */
    const char *type;
    /** NULL: it is gone. */
    wasmtime_component_resource_any_t *handle;
    /** Passed as `own` to the call that is being made. */
    bool is_passed;
};

/** The resource that {"handle": n} names, or NULL. */
struct resource *resource_at(const json_t *number);

/** Deletes the handle: no request can name it any more. */
void resource_forget(struct resource *resource);

/** Forgets those that were passed as `own`; or, if there is no call after all, that they were. */
void resources_are_passed(bool is_called);

/** Forgets all, for the next request. */
void resources_end(void);

/**
 * Makes an argument of what a request has. Returns NULL, or the step's answer if it is no value of this type. Either
 * way the caller deletes the value.
 */
json_t *value_lower(const json_t *type, const json_t *written, wasmtime_component_val_t *value);

/** Writes a result down. Takes resources out of it; the caller deletes the rest. Fails if it is of another type. */
json_t *value_lift(const json_t *type, wasmtime_component_val_t *value);

/** Bytes as a list of u8: wasmtime's C API has a value of 32 bytes for each. */
void bytes_lower(const void *bytes, size_t len, wasmtime_component_val_t *value);

/** A list of `count` values, which are false until they are set. */
wasmtime_component_val_t *list_lower(size_t count, wasmtime_component_val_t *value);

/** The bytes of a list of u8, which are `count`; NULL if it is none. */
const unsigned char *bytes_lift(const wasmtime_component_val_t *value, size_t *count);

#endif
