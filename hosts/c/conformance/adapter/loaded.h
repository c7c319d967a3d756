/* The modules that hello gave. */
#ifndef LOADED_H
#define LOADED_H

#include "host.h"

/** Reads and compiles a file, and adds it to the list. `described` is what hello says of it. Fails as `compile`. */
const struct compiled *loaded_add(const char *name, const char *path, const json_t *described);

/** The module of that name, or NULL. */
const struct compiled *loaded_find(const char *name);

/** Empties the list, and unloads all. */
void loaded_clear(void);

#endif
