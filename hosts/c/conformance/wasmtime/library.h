/* What this host makes of a file: a compiled module, or a compiled component. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <jansson.h>
#include <stdbool.h>
#include <wasmtime.h>

#include "host.h"

struct library {
    /** One of them is NULL. */
    wasmtime_module_t *module;
    wasmtime_component_t *component;
    /** Of a component's exports, as hello has them; NULL if it has none. */
    const json_t *types;
    /** Of a module's linear memory: the export "memory" if that is one, otherwise the first; NULL if it exports none.
     */
    const char *memory_name;
    size_t memory_name_len;
    /** Whether it exports what kept_view calls. */
    bool has_view;
};

#endif
