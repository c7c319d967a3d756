/* Makes a shared library of a module, by wasm2c and the C compiler, and loads it. Keeps what it made for the next time.
 */
#ifndef COMPILER_H
#define COMPILER_H

#include <stdbool.h>
#include <stddef.h>

#include "library.h"

struct compiled {
    /** Of the module's bytes, in hex. */
    char sha256[65];
    /** NULL where the module is refused. */
    const struct library *library;
    /** Why it is refused, in the tools' own words, or NULL. */
    char *refused;
    void *handle;
};

/**
 * Compiles a module, or finds it compiled by the same tools with the same flags from the very same bytes.
 *
 * False, with a text in *error that is yours to free, where that has nothing to do with the module: no tools, no room.
 * Otherwise *compiled is to be freed by compiled_free.
 */
bool compile(struct compiled *compiled, const unsigned char *wasm, size_t len, char **error);

/** Unloads the library: no instance, signer or adder of it may be left. */
void compiled_free(struct compiled *compiled);

/** What runs the modules, such as "wasm2c 1.0.32". NULL where wasm2c or the C compiler is missing. */
const char *compiler_runtime(void);

/** The SHA-256 of some bytes, in hex, with a NUL. */
void sha256_hex(const void *bytes, size_t len, char hex[65]);

#endif
