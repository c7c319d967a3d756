/* What a .wasm file says of itself: its imports, and the functions and the memory that it exports. */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <stddef.h>

/** An exported function. The types have a letter a value, as in library.h. */
struct module_function {
    char *name;
    const char *params, *results;
};

struct module {
    /** "module.name" of each import. */
    char **imports;
    size_t import_count;
    struct module_function *functions;
    size_t function_count;
    /** The name of the first exported memory, or NULL. */
    char *memory;
    /** For module_free. */
    char **owned;
    size_t owned_count;
};

/**
 * Reads a module. False where the bytes are no module that this reader can follow; it does not check more than it
 * needs. An export whose name has a NUL in it is left out: no C string can name it.
 *
 * Either way *module is to be freed by module_free.
 */
bool module_read(struct module *module, const unsigned char *bytes, size_t len);

void module_free(struct module *module);

/** The exported function of that name, or NULL. */
const struct module_function *module_function(const struct module *module, const char *name);

/** Whether the module has all that every signer exports, or an adder, with the types that the wrapper calls. */
bool module_is_signer(const struct module *module);
bool module_is_adder(const struct module *module);

#endif
