/* The C file that makes a translated module a library: see library.h. */
#ifndef BINDING_H
#define BINDING_H

#include <stdio.h>

#include "module.h"

/** How a module and its files are named for wasm2c: as the wrappers expect that are for it. */
struct binding_names {
    /** For --module-name. */
    const char *module;
    /** Of the .wasm, .c and .h file, without the ending. */
    const char *file;
    /** The sources of the wrappers; NULL where there are fewer. */
    const char *wrappers[3];
};

struct binding_names binding_names_of(const struct module *module);

/** Writes the C file. Errors show in ferror. */
void binding_write(FILE *file, const struct module *module);

#endif
