/* What a .wasm file says of itself, read strictly: it may come from anybody. */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

/** Bytes of a module, such as a name. They live as long as the module. */
struct module_bytes {
    const unsigned char *at;
    size_t len;
};

/** Calls an exported function, inside guest_run: see library.h. */
union library_value;
typedef void library_call(void *instance, const union library_value *params, union library_value *results);

/** A function that is exported. */
struct module_function {
    /** A letter a value, as in types.h. */
    const char *params, *results;
    uint32_t index;
    /** NULL before the module is loaded. */
    library_call *call;
};

/** An export of a function or a global; several may be of the same one. */
struct module_export {
    struct module_bytes name;
    /** Which of the module's `functions`, or the global's index. */
    size_t index;
};

struct module_import {
    struct module_bytes from, name;
    struct extern_type type;
    /** The same as the module has it, with the kind. */
    struct module_bytes description;
};

enum { MODULE_SECTION_COUNT = 14 };

struct module {
    struct module_import *imports;
    size_t import_count;
    /** Of functions, and of globals. */
    struct module_export *exports, *globals;
    size_t export_count, global_count;
    struct module_function *functions;
    size_t function_count;
    /** Whether it exports a memory, and the index of the one named "memory", or else of the first. */
    bool has_memory, memory_is_named;
    uint32_t memory;
    /** What is in each section, by its number; `at` is NULL if there is none. Custom sections (0) are not kept. */
    struct module_bytes sections[MODULE_SECTION_COUNT];
    const unsigned char *wasm;
    size_t len;
};

/**
 * Reads a module. NULL, or why it is refused: it is malformed, or newer than this host.
 *
 * Everything that the copy below depends on is checked: the sections, their order and their ends, the types, and the
 * imports and exports with their names. What is inside the other sections is not.
 */
const char *module_read(struct module *module, const unsigned char *wasm, size_t len);

/**
 * The same module with no text of its own, as bytes: no custom sections, and names that are ours. Its exports are
 * "memory", "export0", "export1" and so on for `functions`, "global0" and so on for `globals`, and, if a wrapper can
 * use it, the names that this wrapper calls. Tables and tags are not exported. Its imports are "import0" and so on, all
 * from "host".
 */
unsigned char *module_copy(const struct module *module, size_t *len);

/** The function that is exported by that name, or NULL. */
const struct module_function *module_function(const struct module *module, const char *name, size_t name_len);

/** Which of `globals` has that name; global_count if none has. */
size_t module_global(const struct module *module, const char *name, size_t name_len);

#endif
