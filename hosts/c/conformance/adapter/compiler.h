/*
 * Makes a shared library of a module, by wasm2c and the C compiler, and loads it. Keeps what it made for the next time.
 *
 * The module may be anybody's. wasm2c 1.0.32 writes the names of exports into C comments as they are, and would so let
 * a module write C of its own: therefore it is given a copy without any text of the module (module.h). What it writes
 * of a copy is run in this process, and held back by nothing else than the checks that wasm2c puts into it.
 */
#ifndef COMPILER_H
#define COMPILER_H

#include <stdbool.h>
#include <stddef.h>

#include "library.h"
#include "module.h"

/** How much of the processor's time wasm2c, and then each program of the compiler, may take for one module. */
enum { COMPILE_SECONDS = 60 };

struct compiled {
    /** In the list of loaded modules, and the name there. */
    struct compiled *next;
    const char *name;
    /** Of the module's bytes, in hex. */
    char sha256[65];
    /** NULL where the module is refused. */
    struct library *library;
    /** Why it is refused, in the tools' own words, or NULL. */
    const char *refused;
    void *handle;
    struct module module;
};

/**
 * Compiles a module, or finds it compiled by the same tools with the same flags from the very same bytes.
 *
 * What takes longer than `seconds`, or too much memory, or makes a tool crash, is refused.
 *
 * Fails if the module is not to blame: no tools, no space on the disk.
 */
struct compiled *compile(const unsigned char *wasm, size_t len, unsigned seconds);

/** Unloads the library: no instance, signer or adder of it may be left. */
void compiled_unload(struct compiled *compiled);

/** Compiles a file, unless it is `refused`, and puts it into the list of loaded modules. Fails as `compile`. */
const struct compiled *loaded_add(const char *name, const char *path, const char *refused);

/** The module of that name, or NULL. */
const struct compiled *loaded_find(const char *name);

/** Empties the list, and unloads all. */
void loaded_clear(void);

/** A call of an export, or the making of an instance, for guest_run. */
struct guest_call {
    const struct library *library;
    void *instance;
    const struct module_function *function;
    const union library_value *params;
    union library_value *results;
};

void guest_instantiate(void *call);
void guest_call_export(void *call);

/** The exported function of that name, or NULL. */
const struct module_function *library_function(const struct library *library, const char *name);

/** The compiler of this program. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

/** What runs the modules, such as "wasm2c 1.0.32". Fails if wasm2c or the C compiler is missing. */
const char *compiler_runtime(void);

/** The SHA-256 of some bytes, in hex, with a NUL. */
void sha256_hex(const void *bytes, size_t len, char hex[65]);

#endif
