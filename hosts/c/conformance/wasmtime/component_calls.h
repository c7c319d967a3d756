/* The operation `component`: the exports of any component, called by the types that hello has. hosts/COMPONENTS.md. */
#ifndef COMPONENT_CALLS_H
#define COMPONENT_CALLS_H

#include "library.h"

/** Does the steps on a fresh instance, and returns the answer. */
json_t *component_calls(const struct library *library, const json_t *in);

/** Gives back what that made, whether or not it came to its end. */
void component_calls_end(void);

#endif
