/* What a request provides to a module that has imports: hosts/IMPORTS.md. One request at a time. */
#ifndef IMPORTS_H
#define IMPORTS_H

#include <jansson.h>

#include "library.h"

/** One thing that is provided. */
struct provided {
    const json_t *written;
    /** In the list. */
    size_t place;
    struct module_type type;
    union {
        wasm_rt_memory_t memory;
        wasm_rt_funcref_table_t table;
        union library_value value;
    } is;
    /** How often it was called, if it is a function. */
    size_t calls;
};

/** Makes all that is in a list, or NULL. Returns why the module can't be instantiated with it, or NULL. */
const char *imports_provide(const json_t *list, const struct module *module);

/** What an import of the module got. */
struct provided *imports_get(size_t import);

/** The first memory of the list, or NULL. */
wasm_rt_memory_t *imports_memory(void);

/** Frees what imports_provide made. */
void imports_end(void);

#endif
