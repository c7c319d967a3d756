/* What a .wasm file says of itself, read strictly: it may come from anybody. */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    /** A letter a value, as wasm2c has them: i (i32), j (i64), f (f32), d (f64); ? for what is not a number. */
    const char *params, *results;
    uint32_t index;
    /** NULL if it takes or gives what is not a number, and before the module is loaded. */
    library_call *call;
};

/** An export of a function; several may be of the same one. */
struct module_export {
    struct module_bytes name;
    /** Which of the module's `functions`. */
    size_t function;
};

enum { MODULE_SECTION_COUNT = 14 };

struct module {
    struct module_export *exports;
    size_t export_count;
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
 * Reads a module. NULL, or why it is refused: it is malformed, or it has imports.
 *
 * Everything that the copy below depends on is checked: the sections, their order and their ends, the types, and the
 * exports with their names. What is inside the other sections is not.
 */
const char *module_read(struct module *module, const unsigned char *wasm, size_t len);

/**
 * The same module with no text of its own, as bytes: no custom sections, and exports whose names
 * are ours. Those are "memory", "export0", "export1" and so on for `functions`, and, if a wrapper can use it, the
 * names that this wrapper calls. Tables, globals and tags are not exported.
 */
unsigned char *module_copy(const struct module *module, size_t *len);

/** The function that is exported by that name, or NULL. */
const struct module_function *module_function(const struct module *module, const char *name, size_t name_len);

#endif
