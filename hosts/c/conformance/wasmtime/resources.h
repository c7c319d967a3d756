/* The resources that came in a request, by number: hosts/COMPONENTS.md. */
#ifndef RESOURCES_H
#define RESOURCES_H

#include <jansson.h>
#include <stdbool.h>
#include <wasmtime.h>

struct resource {
    /** Of which resource type, as hello names it. */
    const char *type;
    /** NULL: it is gone. */
    wasmtime_component_resource_any_t *handle;
    /** Passed as `own` to the call that is being made. */
    bool is_passed;
};

/** The resource of that number, or NULL. */
struct resource *resource_at(const json_t *number);

/** Adds one that came, and returns its number. It owns the handle now. */
size_t resource_add(const char *type, wasmtime_component_resource_any_t *handle);

/** Deletes the handle: no request can name it any more. */
void resource_forget(struct resource *resource);

/** Forgets those that were passed as `own`; or, if there is no call after all, that they were. */
void resources_are_passed(bool is_called);

/** Forgets all, for the next request. */
void resources_end(void);

#endif
