/* An instance of a component in a store of its own, and calls of its exports. */
#ifndef COMPONENT_H
#define COMPONENT_H

#include <stddef.h>

#include "library.h"

struct component {
    const struct library *library;
    /** NULL if there is no instance. */
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_component_instance_t instance;
};

/** Makes an instance. Returns why there can be none, or NULL. */
const char *component_begin(struct component *component, const struct library *library);

/** Gives it back. Resources have to be deleted one by one. */
void component_end(struct component *component);

/** Finds an export, by INTERFACE#NAME or, if it is the world's own, by NAME. False if no function has that name. */
bool component_function(const struct component *component, const char *path, wasmtime_component_func_t *function);

/** Calls a function. `result` is NULL if it has none. Returns why it trapped, or NULL. */
const char *component_call(const struct component *component, const wasmtime_component_func_t *function,
                           const wasmtime_component_val_t *args, size_t arg_count, wasmtime_component_val_t *result);

/** Ends a resource, by its destructor. The handle is still to be deleted. Returns why that trapped, or NULL. */
const char *component_drop(const struct component *component, const wasmtime_component_resource_any_t *resource);

#endif
