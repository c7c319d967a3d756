/* What a request provides to a module that has imports: hosts/IMPORTS.md. One request at a time. */
#ifndef IMPORTS_H
#define IMPORTS_H

#include <jansson.h>
#include <stddef.h>

#include "types.h"
#include "values.h"

/** One thing that is provided. */
struct provided {
    const json_t *written;
    /** In the list. */
    size_t place;
    struct extern_type type;
    /** A global's. */
    struct typed_value value;
    /** How often it was called, if it is a function. */
    size_t calls;
};

/** Reads all that is in a list, or NULL. Fails if that is none. */
void imports_read(const json_t *list);

/** How many there are, and each of them. */
size_t imports_count(void);
struct provided *imports_at(size_t place);

/** Forgets them. */
void imports_end(void);

#endif
