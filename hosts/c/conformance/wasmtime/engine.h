/* The engine that compiles and runs everything, and what all that is made with it needs: stores, and texts of errors.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <wasmtime.h>

#include "instance.h"

/** Made at the first call, for as long as the program runs. Its code looks at an epoch, so that it can be cut off. */
wasm_engine_t *engine(void);

/** A new store, whose code runs without a deadline. */
wasmtime_store_t *engine_store(void);

/** What an error says, and deletes it. */
const char *error_text(wasmtime_error_t *error);

/** How a call ended that gave these, which it deletes; NULL for none. */
struct end end_of(wasmtime_error_t *error, wasm_trap_t *trap);

/** Counts the epoch up after so many milliseconds, unless deadline_stop comes first. One at a time. */
void deadline_start(unsigned milliseconds);
void deadline_stop(void);

#endif
