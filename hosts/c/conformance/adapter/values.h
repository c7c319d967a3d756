/* Numbers of Wasm, as the protocol writes them. */
#ifndef VALUES_H
#define VALUES_H

#include <jansson.h>
#include <stdint.h>

struct typed_value {
    /** Its letter, as in types.h; ? if it has no type that anything takes: a reference, or a float to which something
     * is added. */
    char type;
    /** Those of a number with 32 bits are the lower half, and the others 0. */
    uint64_t bits;
};

/** What a `var` means: the newest is the first. */
struct variable {
    const struct variable *next;
    const json_t *name;
    struct typed_value value;
};

/** Reads a value. Fails if it is none, or a name that is not known. */
struct typed_value value_from(const json_t *written, const struct variable *known);

json_t *value_json(struct typed_value value);

/** The letters of a list of types. Fails if one is unknown. */
const char *letters_from(const json_t *types);

#endif
