/* What imports.h lists, made in a store: functions, memories, tables and globals of the host. */
#ifndef PROVIDE_H
#define PROVIDE_H

#include <wasmtime.h>

/** Makes all of it and defines it in the linker. Returns why that can't be, or NULL. */
const char *provide(wasmtime_linker_t *linker, wasmtime_context_t *context);

/** The first memory of the list, or NULL. */
const wasmtime_memory_t *provided_memory(void);

/** Forgets what `provide` made; the store deletes it. */
void provide_end(void);

#endif
