/* What imports.h lists, made for one module that wasm2c translated. */
#ifndef PROVIDE_H
#define PROVIDE_H

#include "library.h"
#include "values.h"

/** Makes all of it. Returns why the module can't be instantiated with it, or NULL. */
const char *provide(const struct module *module);

/** The first memory of the list, or NULL. */
wasm_rt_memory_t *provided_memory(void);

/** A number of the translated code, for the protocol. */
struct typed_value typed_value_of(char type, const union library_value *value);

/** Frees what `provide` made. */
void provide_end(void);

#endif
