/* Programs of WASI preview 1, by wasmtime's own WASI: hosts/IMPORTS.md. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <jansson.h>
#include <wasmtime.h>

#include "host.h"

/** Does the operation, and returns the answer. raw_end gives back the instance. */
json_t *program(const struct library *library, const json_t *in);

/** Defines WASI for an instance that is being made, if `program` makes it. Returns why that can't be, or NULL. */
const char *program_define(wasmtime_linker_t *linker, wasmtime_context_t *context);

/** Frees what `program` made, after the instance is gone. */
void program_end(void);

#endif
