/*
 * What each host of C defines: wasm2c/ and wasmtime/. A program is linked with one of them, and the shared part of the
 * adapter calls it by these names.
 */
#ifndef HOST_H
#define HOST_H

#include <jansson.h>
#include <stddef.h>

/** A module or a component that is ready to run. Each host has its own kind. */
struct library;

/** What became of the bytes of a module. */
struct compiled {
    /** In the list of loaded.h, and the name there. */
    struct compiled *next;
    const char *name;
    /** Of the bytes, in hex; loaded.h sets it. */
    char sha256[65];
    /** NULL if it is refused. */
    struct library *library;
    /** Why it is refused, in the host's own words, or NULL. */
    const char *refused;
};

/** How much of the processor's time a host may take for a module, if it has tools of its own compile it. */
enum { COMPILE_SECONDS = 60 };

/**
 * Compiles a module. `file` is what hello says of it; NULL if it came with a request: then it can be no component.
 *
 * Fails if the module is not to blame.
 */
struct compiled *compile(const unsigned char *wasm, size_t len, unsigned seconds, const json_t *file);

/** Gives back what `compile` made; no instance of it may be left. NULL is nothing to give back. */
void library_unload(struct library *library);

/** The names of the operations that a library can do, as a JSON array. */
json_t *operations_of(const struct library *library);

/** Does one operation, on a fresh wrapper or instance. Returns the answer, without its seq. */
json_t *operate(const struct library *library, const char *op, const json_t *in);

/** What runs the modules, such as "wasm2c 1.0.32". Fails if it is missing. */
const char *host_runtime(void);

/** The compiler of this program. */
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

#endif
