#include "resources.h"

#include <string.h>

#include "files.h"

static struct resource *resources;
static size_t resource_count, resource_room;

struct resource *resource_at(const json_t *number) {
    json_int_t at = json_integer_value(number);
    bool is_there = json_is_integer(number) && at >= 0 && (uint64_t)at < resource_count && resources[at].handle != NULL;
    return is_there ? &resources[at] : NULL;
}

size_t resource_add(const char *type, wasmtime_component_resource_any_t *handle) {
    if (resource_count == resource_room) {
        struct resource *larger = allocate(resource_room = 2 * resource_room + 16, sizeof *larger);
        if (resource_count > 0) { memcpy(larger, resources, resource_count * sizeof *larger); }
        resources = larger;
    }
    resources[resource_count] = (struct resource){.type = type, .handle = handle};
    return resource_count++;
}

void resource_forget(struct resource *resource) {
    wasmtime_component_resource_any_delete(resource->handle);
    resource->handle = NULL;
}

void resources_are_passed(bool is_called) {
    for (size_t at = 0; at < resource_count; at++) {
        if (resources[at].is_passed && is_called) { resource_forget(&resources[at]); }
        resources[at].is_passed = false;
    }
}

void resources_end(void) {
    for (size_t at = 0; at < resource_count; at++) {
        if (resources[at].handle != NULL) { resource_forget(&resources[at]); }
    }
    resources = NULL;
    resource_count = resource_room = 0;
}
