/*
 * Makes a shared library of a module, by wasm2c and the C compiler, and loads it. Keeps what it made for the next time.
 *
 * The module may be anybody's. wasm2c 1.0.32 writes the names of exports into C comments as they are, and would so let
 * a module write C of its own: therefore it is given a copy without any text of the module (module.h). What it writes
 * of a copy is run in this process, and held back by nothing else than the checks that wasm2c puts into it.
 *
 * `compile` of host.h finds a module compiled if it was by the same tools with the same flags from the very same bytes.
 * What takes longer than `seconds`, or too much memory, or makes a tool crash, is refused. It fails if there are no
 * tools, or no space on the disk.
 */
#ifndef COMPILER_H
#define COMPILER_H

#include "host.h"
#include "library.h"

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

#endif
